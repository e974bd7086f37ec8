package conform

import (
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// keyCases are about what may be a key and how it comes back.
func keyCases() []testCase {
	return []testCase{
		{name: "keys-plain-text", run: func(s *trial) { s.keysComeBack(plainKeys) }},
		{name: "keys-url-characters", run: func(s *trial) { s.keysComeBack(urlKeys) }},
		{name: "keys-control-characters", run: func(s *trial) { s.keysComeBack(controlKeys) }},
		{name: "keys-path-elements", run: func(s *trial) { s.keysComeBack(pathKeys) }},
		{name: "keys-that-differ-stay-apart", run: keysStayApart},
		{name: "keys-as-markers", run: keysAsMarkers},
		{name: "keys-longest", run: keysLongest},
		{name: "keys-too-long", run: keysTooLong},
		{name: "keys-leading-slash", run: keysLeadingSlash},
	}
}

func plainKeys() []string {
	return []string{"plain.txt", "中文/键.txt", "日本語", "emoji-🚚", "Ünïcödé", "UPPER and lower", "trailing space "}
}

// urlKeys have characters with a meaning in a URL, a query or XML.
func urlKeys() []string {
	return []string{
		"a+b", "a b", "a%20b", "a%2Fb", "100%", "%", "a?b=c&d", "a#b", "a&b<c>d\"e'f", "a=b;c,d:e@f", "[a]{b}|c^d`e", `back\slash`, "~tilde*star(x)!$",
	}
}

// controlKeys can not be written in XML: they need encoding-type=url.
func controlKeys() []string {
	return []string{"bell\x07", "esc\x1b[2J", "tab\tkey", "line\nfeed", "return\rkey", "unit\x01\x1f", "del\x7f", "c1\u009b"}
}

// pathKeys look like paths that a careless server would clean.
func pathKeys() []string {
	return []string{"a/../b", "a/./b", "a//b", "..", "dir/", "a/..", "//"}
}

// keysComeBack sends one small upload for every key through all answers that
// name a key.
func (s *trial) keysComeBack(names func() []string) {
	var begun []upload
	for _, name := range names() {
		u, err := s.tryInitiate(s.prefix + name)
		if err != nil {
			s.Fatalf("initiate %q: %s", name, brief(err))
		}
		begun = append(begun, u)
	}
	for _, u := range begun {
		s.wantUploads(s.allUploads(0, u.key), u)
		part := s.part(u, 1, []byte(u.key))
		listed := s.listParts(u)
		if got := oss.ToString(listed.Key); got != u.key {
			s.Errorf("list parts answers key %q, want %q", got, u.key)
		}
		if got := oss.ToString(s.complete(u, part).Key); got != u.key {
			s.Errorf("complete answers key %q, want %q", got, u.key)
		}
	}
	for _, u := range begun {
		s.wantObject(u.key, []byte(u.key))
	}
	res, err := s.client.ListObjectsV2(s.ctx, &oss.ListObjectsV2Request{Bucket: s.bucket(), Prefix: oss.Ptr(s.prefix)})
	if err != nil {
		s.Fatalf("list objects: %s", brief(err))
	}
	listed := make(map[string]bool)
	for _, o := range res.Contents {
		listed[oss.ToString(o.Key)] = true
	}
	for _, u := range begun {
		if !listed[u.key] {
			s.Errorf("list objects leaves out %q", u.key)
		}
	}
	if len(listed) != len(begun) {
		s.Errorf("list objects names %d keys, want %d", len(listed), len(begun))
	}
}

// keysStayApart: keys are bytes. Neither case nor Unicode form nor escaping
// makes two keys one.
func keysStayApart(s *trial) {
	keys := []string{"a", "A", "é", "e\u0301", "a b", "a+b", "a%20b", "a/", "a//", "a/."}
	for _, key := range keys {
		s.put(s.prefix+key, []byte(key))
	}
	for _, key := range keys {
		s.wantObject(s.prefix+key, []byte(key))
	}
}

// keysAsMarkers pages through keys that have to be escaped in the markers.
// The order is that of the UTF-8 bytes, in which U+FFFD comes before U+1F69A
// though it comes after it in UTF-16.
func keysAsMarkers(s *trial) {
	var want []upload
	for _, name := range []string{"\x01", " ", "%", "%41", "+", "/", "A", "a b", "é", "中", "\uFFFD", "\U0001F69A"} {
		want = append(want, s.initiate(s.prefix+name))
	}
	for size := int32(1); size <= 3; size++ {
		s.wantUploads(s.allUploads(size, s.prefix), want...)
	}
}

func keysLongest(s *trial) {
	const longest = 1023 // bytes
	key := s.prefix + strings.Repeat("k", longest-len(s.prefix))
	u := s.initiate(key)
	s.wantUploads(s.allUploads(0, key), u)
	s.complete(u, s.part(u, 1, []byte("x")))
	s.wantObject(key, []byte("x"))
}

// keysTooLong: the limit is in bytes, not characters.
func keysTooLong(s *trial) {
	const tooLong = 1024 // bytes
	for _, filler := range []string{"k", "键"} {
		key := s.prefix + strings.Repeat(filler, (tooLong-len(s.prefix))/len(filler))
		key += strings.Repeat("x", tooLong-len(key))
		_, err := s.tryInitiate(key)
		s.wantError(err, 400, "InvalidObjectName")
	}
}

// keysLeadingSlash can not lie under the prefix of the case, as its rule is
// about the first byte of a key.
func keysLeadingSlash(s *trial) {
	for _, first := range []string{"/", `\`} {
		_, err := s.tryInitiate(first + s.prefix + "object")
		s.wantError(err, 400, "InvalidObjectName")
	}
}
