package profile

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// iniSection is one [section] of an INI file, as ossutil writes them.
type iniSection struct {
	name    string // lower case, single spaces: "profile dev"
	line    int
	entries []iniEntry
}

// iniEntry is one key = value line.
type iniEntry struct {
	key    string // as written
	value  string // without quotes around it
	line   int
	nested bool // indented, and so possibly part of the entry above it
}

// parseINI reads the INI dialect of ossutil: [section], key = value or key: value, lines that begin with # or ; are
// comments, values may be quoted, indented lines are marked. A general INI library is not used: those at hand quote
// the bad line in their errors, which may be the secret, name no line number, and give %(x)s, a backslash at the end
// of a line and a section named DEFAULT a meaning that ossutil's files do not know.
func parseINI(path string, data []byte) ([]iniSection, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var sections []iniSection
	for i, raw := range strings.Split(string(data), "\n") {
		number := i + 1
		bad := func(problem string) error {
			return &FileError{Path: path, Line: number, Problem: problem}
		}
		if !utf8.ValidString(raw) || strings.ContainsRune(raw, 0) {
			return nil, bad("the line is not text")
		}
		text := strings.TrimSpace(raw)
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
			continue
		case text[0] == '[':
			end := strings.IndexByte(text, ']')
			if end < 0 {
				return nil, bad("the section has no closing ]")
			}
			name := strings.ToLower(strings.Join(strings.Fields(text[1:end]), " "))
			sections = append(sections, iniSection{name: name, line: number})
			continue
		}
		at := strings.IndexByte(text, '=')
		if at < 0 {
			at = strings.IndexByte(text, ':')
		}
		if at <= 0 {
			return nil, bad("the line is neither key=value, a [section] nor a # comment")
		}
		if len(sections) == 0 {
			return nil, bad("the line stands before the first [section]")
		}
		last := &sections[len(sections)-1]
		last.entries = append(last.entries, iniEntry{
			key: strings.TrimSpace(text[:at]), value: unquote(strings.TrimSpace(text[at+1:])),
			line: number, nested: raw[0] == ' ' || raw[0] == '\t',
		})
	}
	return sections, nil
}

// unquote removes one pair of quotes, and a comment that follows the closing one. A value that merely begins with a
// quote stays as it is.
func unquote(v string) string {
	if len(v) < 2 || v[0] != '"' && v[0] != '\'' {
		return v
	}
	end := strings.IndexByte(v[1:], v[0])
	if end < 0 {
		return v
	}
	rest := strings.TrimSpace(v[end+2:])
	if rest != "" && rest[0] != '#' && rest[0] != ';' {
		return v
	}
	return v[1 : end+1]
}
