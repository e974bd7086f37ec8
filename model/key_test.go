package model

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckKey(t *testing.T) {
	for _, test := range []struct{ name, key, refused string }{
		{"plain", "logs/app.tar", ""},
		{"one byte", "a", ""},
		{"odd and legal", "a//../b /.", ""},
		{"Chinese", "备份/数据.tar", ""},
		{"controls are legal", "a\x1b\n", ""},
		{"longest", strings.Repeat("k", MaxKeyBytes), ""},
		{"longest in bytes", strings.Repeat("备", MaxKeyBytes/3), ""},
		{"empty", "", "empty"},
		{"a byte too long", strings.Repeat("k", MaxKeyBytes+1), "1024 bytes"},
		{"few runes, too many bytes", strings.Repeat("备", 342), "1026 bytes"},
		{"slash first", "/a", `begins with "/"`},
		{"backslash first", `\a`, `begins with "\\"`},
		{"Latin-1", "caf\xe9", "not valid UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := CheckKey(test.key)
			if (err == nil) != (test.refused == "") || err != nil && !strings.Contains(err.Error(), test.refused) {
				t.Errorf("error %v, want %q", err, test.refused)
			}
		})
	}
	if err := CheckKey("/\x1b]52;c;x\a\u202e\u009b"); err == nil || strings.ContainsAny(err.Error(), "\x1b\a\u202e\u009b") {
		t.Errorf("the error drives a terminal: %q", err)
	}
}

func TestJoinKey(t *testing.T) {
	for _, test := range []struct{ prefix, relative, want string }{
		{"", "a.tar", "a.tar"},
		{"backup/", "a/b.tar", "backup/a/b.tar"},
		{"backup-", "a.tar", "backup-a.tar"},
		{"backup/", "./a//b/", "backup/a/b"},
		{"backup/", "../../etc/passwd", "backup/etc/passwd"},
		{"backup/", "a/../../b", "backup/b"},
		{"backup/", "/etc/passwd", "backup/etc/passwd"},
		{"backup/", "..", "backup/"},
		{"backup/", "...", "backup/..."},
		{"backup/", "a/..b", "backup/a/..b"},
	} {
		if got := JoinKey(test.prefix, test.relative); got != test.want {
			t.Errorf("JoinKey(%q, %q) = %q, want %q", test.prefix, test.relative, got, test.want)
		}
	}
}

func FuzzJoinKeyCannotClimb(f *testing.F) {
	f.Add("backup/", "../../etc/passwd")
	f.Add("a/b/", "./..//.../../x")
	f.Fuzz(func(t *testing.T, prefix, relative string) {
		below, found := strings.CutPrefix(JoinKey(prefix, relative), prefix)
		if !found {
			t.Fatalf("JoinKey(%q, %q) left its prefix", prefix, relative)
		}
		for component := range strings.SplitSeq(below, "/") {
			if component == ".." || component == "." || component == "" && below != "" {
				t.Errorf("JoinKey(%q, %q) keeps %q", prefix, relative, below)
			}
		}
	})
}

func TestTargetKey(t *testing.T) {
	for _, test := range []struct{ target, base, want string }{
		{"", "a.tar", "a.tar"}, {"backup/", "a.tar", "backup/a.tar"}, {"backup/b.tar", "a.tar", "backup/b.tar"}, {"backup", "a.tar", "backup"},
	} {
		if got := TargetKey(test.target, test.base); got != test.want {
			t.Errorf("TargetKey(%q, %q) = %q, want %q", test.target, test.base, got, test.want)
		}
	}
}

func TestParseURL(t *testing.T) {
	for _, test := range []struct {
		text, bucket, key string
		refused           bool
	}{
		{text: "oss://bucket", bucket: "bucket"},
		{text: "oss://bucket/", bucket: "bucket"},
		{text: "oss://bucket/a/b c/备份", bucket: "bucket", key: "a/b c/备份"},
		{text: "oss://bucket//a", bucket: "bucket", key: "/a"}, // CheckKey says why not
		{text: "oss://bucket/a?b#c%20", bucket: "bucket", key: "a?b#c%20"},
		{text: "oss://a-1", bucket: "a-1"},
		{text: "oss://" + strings.Repeat("b", 63), bucket: strings.Repeat("b", 63)},
		{text: "oss://" + strings.Repeat("b", 64), refused: true},
		{text: "", refused: true},
		{text: "oss://", refused: true},
		{text: "oss:///key", refused: true},
		{text: "s3://bucket/key", refused: true},
		{text: "bucket/key", refused: true},
		{text: "oss://ab/key", refused: true},
		{text: "oss://-ab/key", refused: true},
		{text: "oss://ab-/key", refused: true},
		{text: "oss://Bucket/key", refused: true},
		{text: "oss://bu.cket/key", refused: true},
		{text: "oss://user@host/key", refused: true},
		{text: "oss://bu\x1bcket/key", refused: true},
	} {
		bucket, key, err := ParseURL(test.text)
		if bucket != test.bucket || key != test.key || (err != nil) != test.refused {
			t.Errorf("ParseURL(%q) = %q, %q, %v; want %q, %q, refused %v", test.text, bucket, key, err, test.bucket, test.key, test.refused)
		}
		if err != nil && (!strings.Contains(err.Error(), "is not an OSS address") || strings.Contains(err.Error(), "\x1b")) {
			t.Errorf("ParseURL(%q): error %q", test.text, err)
		}
		if err == nil && key != "" {
			if url := (Ref{Bucket: bucket, Key: key}).URL(); url != test.text {
				t.Errorf("%q comes back as %q", test.text, url)
			}
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("oss://bucket/key")
	f.Add("oss://b\xff/\x00")
	f.Fuzz(func(t *testing.T, text string) {
		bucket, key, err := ParseURL(text)
		if err != nil {
			if !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x1b\n\r") {
				t.Errorf("error %q drives a terminal", err)
			}
			return
		}
		again, sameKey, err := ParseURL(Ref{Bucket: bucket, Key: key}.URL())
		if err != nil || again != bucket || sameKey != key {
			t.Errorf("%q: %q %q reads back as %q %q, %v", text, bucket, key, again, sameKey, err)
		}
	})
}
