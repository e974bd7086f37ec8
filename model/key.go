package model

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// CheckKey says why OSS would refuse the key, or nil: 1 to 1023 bytes of UTF-8, not beginning with / or \. It is asked before
// anything is sent. The key in an error is quoted in Go syntax, so that it cannot drive a terminal.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("the key is empty: name the object, as in oss://bucket/path/name")
	case !utf8.ValidString(key):
		return fmt.Errorf("the key %q is not valid UTF-8, which OSS requires: rename the file, or give the key in full", key)
	case strings.HasPrefix(key, "/"), strings.HasPrefix(key, `\`):
		return fmt.Errorf("the key %q begins with %q, which OSS refuses: leave the %q away", key, key[:1], key[:1])
	case len(key) > MaxKeyBytes:
		return fmt.Errorf("the key %q… has %d bytes and OSS takes at most %d: shorten it", cutRunes(key, 40), len(key), MaxKeyBytes)
	}
	return nil
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// JoinKey is the key of a file below a prefix: the prefix as typed (a folder ends in /) and the file's path relative to what
// was chosen, with slashes. Components are joined, never cut out of a string by length, so no name can climb out with "..".
func JoinKey(prefix, relative string) string {
	clean := strings.TrimPrefix(path.Clean("/"+relative), "/")
	return prefix + clean
}

// TargetKey is the key that a file called base gets when target is the key part of oss://bucket/target: a target that is empty or
// ends in / is a folder, anything else is the key itself.
func TargetKey(target, base string) string {
	if target == "" || strings.HasSuffix(target, "/") {
		return target + base
	}
	return target
}

// ParseURL splits oss://bucket/key. The key may be empty. The error names the text and the form wanted.
func ParseURL(text string) (bucket, key string, err error) {
	rest, found := strings.CutPrefix(text, "oss://")
	if !found {
		return "", "", fmt.Errorf("%q is not an OSS address: write oss://bucket/key", text)
	}
	bucket, key, _ = strings.Cut(rest, "/")
	if err := checkBucket(bucket); err != nil {
		return "", "", fmt.Errorf("%q is not an OSS address: %w", text, err)
	}
	return bucket, key, nil
}

// checkBucket applies OSS's naming rule: 3 to 63 of a-z, 0-9 and -, no - at either end. A wrong name would end in a DNS error
// that helps nobody.
func checkBucket(name string) error {
	legal := len(name) >= 3 && len(name) <= 63 && name[0] != '-' && name[len(name)-1] != '-'
	for _, c := range name {
		legal = legal && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')
	}
	if !legal {
		return fmt.Errorf("the bucket name %q must have 3 to 63 of a-z, 0-9 and -, and no - at either end", name)
	}
	return nil
}
