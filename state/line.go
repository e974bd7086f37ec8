package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
)

// A line is the CRC-32C of the JSON in 8 lower-case hexadecimal digits, a space, the JSON, and a line feed. Cutting a file anywhere
// leaves whole lines before the cut; a checksum per line lets reading go on behind a damaged one.
const (
	crcDigits  = 8
	lineHeader = crcDigits + len(" ")
	lineEnd    = '\n'
)

// castagnoli is the polynomial of CRC-32C: chosen for its better error detection on short records, and done in hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// lineStart finds where a line could begin inside a run of bytes whose line feed was lost.
var lineStart = regexp.MustCompile(`[0-9a-f]{8} \{"`)

// errLossy is returned for a record that JSON cannot hold: text that is not UTF-8 would be read back as other text. Paths are not
// concerned: a Fingerprint keeps them as bytes.
var errLossy = errors.New("it holds text that is not valid UTF-8, which a journal cannot keep")

// encodeLine writes a value as one line, line feed included.
func encodeLine(value any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("00000000 ")
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // for people who grep a key with & or < in it
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	if replacedText(b.Bytes()) {
		return nil, errLossy
	}
	line := escapeControls(b.Bytes())
	payload := line[lineHeader : len(line)-1]
	copy(line, fmt.Sprintf("%08x", crc32.Checksum(payload, castagnoli)))
	return line, nil
}

// replacedText reports whether the encoder put \ufffd in the place of bytes that are not UTF-8. A genuine U+FFFD is written as it
// is; a backslash before the u that is itself escaped is ordinary text.
func replacedText(encoded []byte) bool {
	const escape = `\ufffd`
	for {
		at := bytes.Index(encoded, []byte(escape))
		if at < 0 {
			return false
		}
		backslashes := 0
		for at-backslashes > 0 && encoded[at-backslashes-1] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return true
		}
		encoded = encoded[at+len(escape):]
	}
}

// escapeControls turns the control and format characters that JSON leaves alone (DEL, C1, bidirectional marks, tags) into \u
// escapes: journals are read with cat, and a key is foreign text that could drive the terminal.
func escapeControls(encoded []byte) []byte {
	hidden := func(r rune) bool { return r != lineEnd && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }
	if bytes.IndexFunc(encoded, hidden) < 0 {
		return encoded
	}
	var b bytes.Buffer
	for _, r := range string(encoded) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// payloadOf returns the JSON of a line without its line feed, or nil if it is not a line whose checksum fits.
func payloadOf(line []byte) []byte {
	if len(line) <= lineHeader || line[crcDigits] != ' ' {
		return nil
	}
	payload := line[lineHeader:]
	if !bytes.Equal(line[:crcDigits], checksum(payload)) {
		return nil
	}
	return payload
}

func checksum(payload []byte) []byte {
	const digits = "0123456789abcdef"
	sum := crc32.Checksum(payload, castagnoli)
	text := make([]byte, crcDigits)
	for i := range text {
		text[i] = digits[sum>>(28-4*i)&0xf]
	}
	return text
}

// entry is one stretch of a file: a line, or bytes that are none.
type entry struct {
	payload []byte // JSON of a line; nil for bytes that are none
	raw     []byte // the bytes as they are in the file, without a line feed
	lines   int    // lines that raw was, as far as one can tell, if payload is nil; 0 for the rest of the entry before
}

// content is a file cut into entries.
type content struct {
	entries []entry // in order; those at tail and behind come from the unterminated end
	tail    int     // index of the first entry behind the last line feed
	end     int64   // offset behind the last line feed
	merged  bool    // lines were found that had lost the line feed between them
}

// cut finds the lines of a file. Behind bytes that are no line it goes on at the next line feed; a line feed that was damaged
// itself does not cost the two lines beside it.
func cut(data []byte) content {
	var c content
	c.end = int64(bytes.LastIndexByte(data, lineEnd) + 1)
	for body := data[:c.end]; len(body) > 0; {
		at := bytes.IndexByte(body, lineEnd)
		c.add(body[:at])
		body = body[at+1:]
	}
	c.tail = len(c.entries)
	if rest := data[c.end:]; len(rest) > 0 {
		c.add(rest)
	}
	return c
}

func (c *content) add(raw []byte) {
	if payload := payloadOf(raw); payload != nil {
		c.entries = append(c.entries, entry{payload: payload, raw: raw})
		return
	}
	starts := lineStart.FindAllIndex(raw, -1)
	found := false
	var pieces []entry
	for i, from := 0, 0; from < len(raw); i++ {
		for i < len(starts) && starts[i][0] <= from {
			i++
		}
		to := len(raw)
		if i < len(starts) {
			to = starts[i][0]
		}
		piece := raw[from:to]
		payload := payloadOf(piece)
		if payload == nil { // the byte that was the line feed is still behind it
			if payload = payloadOf(piece[:len(piece)-1]); payload != nil {
				piece = piece[:len(piece)-1]
			}
		}
		found = found || payload != nil
		pieces = append(pieces, entry{payload: payload, raw: piece, lines: 1})
		from = to
	}
	if !found {
		c.addBad(raw)
		return
	}
	c.merged = true
	for _, piece := range pieces {
		if piece.payload != nil {
			c.entries = append(c.entries, piece)
		} else {
			c.addBad(piece.raw)
		}
	}
}

// addBad counts the lines that were lost: a stretch that does not begin like a line and follows another bad one is the rest of it,
// parted by a byte that became a line feed.
func (c *content) addBad(raw []byte) {
	bad := entry{raw: raw, lines: 1}
	if n := len(c.entries); n > 0 && c.entries[n-1].payload == nil && !beginsLikeLine(raw) {
		bad.lines = 0
	}
	c.entries = append(c.entries, bad)
}

func beginsLikeLine(raw []byte) bool {
	at := lineStart.FindIndex(raw)
	return at != nil && at[0] == 0
}

// readable returns the first submatch of a pattern in damaged bytes as text, or "". It is for messages, never for values.
func readable(raw []byte, pattern *regexp.Regexp) string {
	if match := pattern.FindSubmatch(raw); match != nil {
		return strings.ToValidUTF8(string(match[1]), "?")
	}
	return ""
}
