package safe

import (
	"fmt"
	"strings"
)

// Quote makes foreign text one word of a shell command line that a person is told to run. What would drive or deceive the terminal that
// the line is shown in, or pasted into, is written in the $'…' form, which bash, zsh and ksh read back to the same bytes.
func Quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,@%"
	switch {
	case word != "" && strings.Trim(word, plain) == "":
		return word
	case !Clean(word).Escaped():
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= 0x20 && c < 0x7f:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String() + "'"
}
