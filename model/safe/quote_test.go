package safe

import "testing"

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"plain/path-1.txt":    "plain/path-1.txt",
		"":                    "''",
		"two words":           "'two words'",
		"it's":                `'it'\''s'`,
		`back\slash`:          `'back\slash'`,
		"$HOME;rm":            "'$HOME;rm'",
		"汉字":                  "'汉字'",
		"bell\a":              `$'bell\x07'`,
		"new\nline'quote\\":   `$'new\x0aline\'quote\\'`,
		"\u202eright to left": `$'\xe2\x80\xaeright to left'`,
		"oss://b/plain-1.txt": "oss://b/plain-1.txt",
		"a b":                 "'a b'",
		"$(rm -rf ~)":         "'$(rm -rf ~)'",
		"图片/虚拟机":              "'图片/虚拟机'",
		"a\x1b[2J":            `$'a\x1b[2J'`,
		"a\nb'\\":             `$'a\x0ab\'\\'`,
		"\xff":                `$'\xff'`,
		"-rf":                 "-rf",
	} {
		if got := Quote(word); got != want {
			t.Errorf("%q is quoted %s, want %s", word, got, want)
		}
	}
}
