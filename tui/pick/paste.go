package pick

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// The bounds of a paste. Whoever pastes more did not mean file names.
const (
	MaxPasteBytes = 1 << 20
	MaxPasteWords = 10_000
)

// Pasted is one line of a paste. Terminals and file managers do not agree on how a dropped path is written: quoted, escaped, as a
// URL, or raw with its blanks. Line is the line as a single path; it is to be tried first, and the Words, taken apart by the rules
// of a POSIX shell, if there is no such file.
type Pasted struct {
	Line  string
	Words []string
}

// Split takes a pasted text apart, a line at a time; empty lines are left out. cut reports that the text was longer than the
// bounds. Percent signs of file:// URLs are decoded; nothing is made of ~ or of relative paths.
func Split(text string) (lines []Pasted, cut bool) {
	if len(text) > MaxPasteBytes {
		text, cut = text[:MaxPasteBytes], true
	}
	words := 0
	// Some terminals send the line ends of a paste as carriage returns.
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' || r == 0 }) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		p := Pasted{Line: fromURL(line)}
		if p.Line != line && !strings.ContainsFunc(line, unicode.IsSpace) {
			p.Words = []string{p.Line} // a URL alone: a quote in it is a quote
		} else {
			p.Words = shellWords(line)
		}
		if words += len(p.Words); words > MaxPasteWords {
			return lines, true
		}
		lines = append(lines, p)
	}
	return lines, cut
}

// fromURL is the path of a file:// URL of this machine; anything else comes back as it is.
func fromURL(word string) string {
	const scheme = "file:"
	if len(word) < len(scheme) || !strings.EqualFold(word[:len(scheme)], scheme) {
		return word
	}
	rest := word[len(scheme):]
	if after, hosted := strings.CutPrefix(rest, "//"); hosted {
		host, below, found := strings.Cut(after, "/")
		if !found || host != "" && !strings.EqualFold(host, "localhost") {
			return word
		}
		rest = "/" + below
	}
	path, err := url.PathUnescape(rest)
	if err != nil || !strings.HasPrefix(path, "/") || strings.ContainsRune(path, 0) {
		return word
	}
	return path
}

// shellWords splits a line as a POSIX shell does, without expanding anything, and knows the $'…' form of names with control
// characters. A line whose quotes do not close is one word: it was not written for a shell.
func shellWords(line string) []string {
	s := splitter{rest: line}
	for s.rest != "" {
		if !s.step() {
			return []string{line}
		}
	}
	s.end()
	return s.words
}

type splitter struct {
	rest   string
	words  []string
	word   strings.Builder
	begun  bool // a word was begun, perhaps an empty quoted one
	quoted bool
}

func (s *splitter) end() {
	if !s.begun {
		return
	}
	word := s.word.String()
	if !s.quoted {
		word = fromURL(word)
	}
	if word != "" {
		s.words = append(s.words, word)
	}
	s.word.Reset()
	s.begun, s.quoted = false, false
}

// step takes one character or one quotation; false means that a quotation does not close.
func (s *splitter) step() bool {
	c := s.rest[0]
	switch {
	case c == ' ' || c == '\t':
		s.end()
		s.rest = s.rest[1:]
		return true
	case c == '\\':
		if len(s.rest) == 1 {
			return false
		}
		s.keep(s.rest[1:2])
		s.rest = s.rest[2:]
		return true
	case c == '\'':
		return s.quotation(s.rest[1:], `'`, nil)
	case c == '"':
		return s.quotation(s.rest[1:], `"`, doubleEscape)
	case strings.HasPrefix(s.rest, "$'"):
		return s.quotation(s.rest[2:], `'`, ansiEscape)
	}
	s.keep(s.rest[:1])
	s.rest = s.rest[1:]
	return true
}

func (s *splitter) keep(text string) {
	s.word.WriteString(text)
	s.begun = true
}

// quotation takes what is between quotes. escape reads what follows a backslash: what it stands for, and how long it is.
func (s *splitter) quotation(rest, end string, escape func(string) (string, int)) bool {
	s.begun, s.quoted = true, true
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, end):
			s.rest = rest[1:]
			return true
		case rest[0] == '\\' && escape != nil:
			if len(rest) == 1 {
				return false
			}
			text, size := escape(rest[1:])
			s.word.WriteString(text)
			rest = rest[1+size:]
		default:
			s.word.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return false
}

// doubleEscape: within double quotes a backslash escapes only these four; before anything else it is itself.
func doubleEscape(rest string) (string, int) {
	if strings.ContainsRune("\\\"$`", rune(rest[0])) {
		return rest[:1], 1
	}
	return `\`, 0
}

// ansiEscape reads the escapes of $'…': letters, \xHH and \OOO.
func ansiEscape(rest string) (string, int) {
	const letters, bytes = `abefnrtv\'"?`, "\a\b\x1b\f\n\r\t\v\\'\"?"
	if i := strings.IndexByte(letters, rest[0]); i >= 0 {
		return bytes[i : i+1], 1
	}
	digits, base, from := "01234567", 8, 0
	if rest[0] == 'x' {
		digits, base, from = "0123456789abcdefABCDEF", 16, 1
	}
	to := from
	for to < len(rest) && to < 3 && strings.IndexByte(digits, rest[to]) >= 0 {
		to++
	}
	value, err := strconv.ParseUint(rest[from:to], base, 16)
	if err != nil {
		return `\`, 0
	}
	return string([]byte{byte(value)}), to
}
