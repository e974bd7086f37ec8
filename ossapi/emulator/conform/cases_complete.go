package conform

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// completeCases are about CompleteMultipartUpload.
func completeCases() []testCase {
	return []testCase{
		{name: "complete-small-part-in-the-middle", run: completeSmallPartInMiddle},
		{name: "complete-least-part-size", run: completeLeastPartSize},
		{name: "complete-unknown-part", run: completeUnknownPart},
		{name: "complete-wrong-etag", run: completeWrongETag},
		{name: "complete-order", run: completeOrder},
		{name: "complete-number-twice", run: completeNumberTwice},
		{name: "complete-empty-list", run: completeEmptyList},
		{name: "complete-malformed-body", run: completeMalformedBody},
		{name: "complete-refused-keeps-upload", run: completeRefusedKeepsUpload},
		{name: "complete-leaves-out-unlisted-parts", run: completeLeavesOutUnlisted},
		{name: "complete-all", run: completeAll},
		{name: "complete-all-with-body", run: completeAllWithBody},
		{name: "complete-twice", run: completeTwice},
		{name: "complete-etag-shape", run: completeETagShape},
		{name: "complete-crc64", run: completeCRC},
		{name: "complete-forbid-overwrite", run: completeForbidOverwrite},
	}
}

// rawComplete sends a list as it is: the SDK would sort the parts.
func (s *trial) rawComplete(u upload, body string) error {
	s.owes(u.key)
	_, err := s.raw(oss.OperationInput{
		OpName: "CompleteMultipartUpload", Method: "POST", Key: oss.Ptr(u.key),
		Parameters: map[string]string{"uploadId": u.id},
	}, body)
	return err
}

// completeBody writes the parts in the order given.
func completeBody(parts ...oss.UploadPart) string {
	var b strings.Builder
	b.WriteString("<CompleteMultipartUpload>")
	for _, p := range parts {
		fmt.Fprintf(&b, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", p.PartNumber, oss.ToString(p.ETag))
	}
	b.WriteString("</CompleteMultipartUpload>")
	return b.String()
}

// completeSmallPartInMiddle: sizes are checked at Complete, not at UploadPart,
// and a refused upload goes on: the small part can be sent again, larger.
func completeSmallPartInMiddle(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	first := s.part(u, 1, content("first", minPart))
	small := s.part(u, 2, content("small", minPart-1))
	last := s.part(u, 3, content("last", 1))
	_, err := s.tryComplete(u, []oss.UploadPart{first, small, last})
	s.wantError(err, 400, "EntityTooSmall")
	s.wantNoObject(key)
	large := s.part(u, 2, content("large", minPart))
	s.complete(u, first, large, last)
	s.wantObject(key, bytes.Join([][]byte{
		content("first", minPart), content("large", minPart), content("last", 1),
	}, nil))
}

// completeLeastPartSize: exactly 102,400 bytes is enough for any part.
func completeLeastPartSize(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.complete(u, s.part(u, 1, content("1", minPart)), s.part(u, 2, content("2", minPart)))
}

func completeUnknownPart(s *trial) {
	u := s.initiate(s.prefix + "object")
	known := s.part(u, 1, content("1", minPart))
	for _, number := range []int32{2, 10000} {
		_, err := s.tryComplete(u, []oss.UploadPart{known, {PartNumber: number, ETag: known.ETag}})
		s.wantError(err, 400, "InvalidPart")
	}
}

func completeWrongETag(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.part(u, 1, content("1", minPart))
	for _, etag := range []string{
		md5ETag(content("other", 3)),
		`"00000000000000000000000000000000"`,
		`"not an etag"`,
	} {
		_, err := s.tryComplete(u, []oss.UploadPart{{PartNumber: 1, ETag: oss.Ptr(etag)}})
		s.wantError(err, 400, "InvalidPart")
	}
}

func completeOrder(s *trial) {
	u := s.initiate(s.prefix + "object")
	one, two := s.part(u, 1, content("1", minPart)), s.part(u, 2, content("2", minPart))
	s.wantError(s.rawComplete(u, completeBody(two, one)), 400, "InvalidPartOrder")
	if err := s.rawComplete(u, completeBody(one, two)); err != nil {
		s.Fatalf("the same parts in ascending order: %s", brief(err))
	}
}

// completeNumberTwice: the list is strictly ascending.
func completeNumberTwice(s *trial) {
	u := s.initiate(s.prefix + "object")
	one := s.part(u, 1, content("1", minPart))
	s.wantError(s.rawComplete(u, completeBody(one, one)), 400, "InvalidPartOrder")
}

func completeEmptyList(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.part(u, 1, content("1", 10))
	_, err := s.tryComplete(u, nil)
	s.wantError(err, 400, "MalformedXML")
}

func completeMalformedBody(s *trial) {
	u := s.initiate(s.prefix + "object")
	one := completeBody(s.part(u, 1, content("1", 10)))
	for _, body := range []string{
		one[:len(one)-9],                          // cut off
		"{\"parts\":[]}",                          // not XML
		"<Other></Other>",                         // another document
		"<CompleteMultipartUpload/>",              // no part
		strings.Replace(one, ">1<", ">first<", 1), // a number that is none
	} {
		if err := s.rawComplete(u, body); err == nil {
			s.Fatalf("body %q is accepted", body)
		} else {
			s.wantError(err, 400, "MalformedXML")
		}
	}
	s.wantParts(s.listParts(u).Parts, 1)
}

func completeRefusedKeepsUpload(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	one := s.part(u, 1, content("1", 10))
	_, err := s.tryComplete(u, []oss.UploadPart{one, {PartNumber: 2, ETag: one.ETag}})
	if err == nil {
		s.Fatalf("a list with an unknown part is accepted")
	}
	s.wantNoObject(key)
	s.wantParts(s.listParts(u).Parts, 1)
	s.complete(u, one)
	s.wantObject(key, content("1", 10))
}

func completeLeavesOutUnlisted(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	one := s.part(u, 1, content("1", minPart))
	s.part(u, 2, content("2", minPart))
	three := s.part(u, 3, content("3", 9))
	s.complete(u, one, three)
	s.wantObject(key, append(content("1", minPart), content("3", 9)...))
}

// allParts makes the server take all parts it has, in order, in place of a list.
func allParts(req *oss.CompleteMultipartUploadRequest) {
	req.CompleteMultipartUpload = nil
	req.CompleteAll = oss.Ptr("yes")
}

func completeAll(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	s.part(u, 7, content("7", 3))
	s.part(u, 2, content("2", minPart))
	s.part(u, 5, content("5", minPart))
	if _, err := s.tryComplete(u, nil, allParts); err != nil {
		s.Fatalf("complete-all: %s", brief(err))
	}
	s.wantObject(key, bytes.Join([][]byte{content("2", minPart), content("5", minPart), content("7", 3)}, nil))
}

func completeAllWithBody(s *trial) {
	u := s.initiate(s.prefix + "object")
	one := s.part(u, 1, content("1", 10))
	_, err := s.tryComplete(u, []oss.UploadPart{one}, func(r *oss.CompleteMultipartUploadRequest) {
		r.CompleteAll = oss.Ptr("yes")
	})
	s.wantError(err, 400, "InvalidArgument")
}

func completeTwice(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	one := s.part(u, 1, content("1", 10))
	s.complete(u, one)
	_, err := s.tryComplete(u, []oss.UploadPart{one})
	s.wantError(err, 404, "NoSuchUpload")
	_, err = s.tryPart(u, 2, content("2", 10))
	s.wantError(err, 404, "NoSuchUpload")
	s.wantObject(key, content("1", 10))
}

// completeETagShape: the ETag of an object made from parts tells their number
// and is no MD5 of the object.
func completeETagShape(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	res := s.complete(u,
		s.part(u, 1, content("1", minPart)), s.part(u, 5, content("5", minPart)), s.part(u, 6, content("6", 1)))
	etag := oss.ToString(res.ETag)
	if !regexp.MustCompile(`^"[0-9A-F]{32}-3"$`).MatchString(etag) {
		s.Errorf(`complete answers ETag %s, want "<32 hex digits>-3"`, etag)
	}
	if got := oss.ToString(s.head(key).ETag); got != etag {
		s.Errorf("head answers ETag %s, complete %s", got, etag)
	}
}

func completeCRC(s *trial) {
	for i, sizes := range [][]int{{1}, {minPart, 1}, {minPart + 3, minPart, minPart + 1, 12345}} {
		u := s.initiate(fmt.Sprint(s.prefix, "object", i))
		var parts []oss.UploadPart
		var whole []byte
		for j, size := range sizes {
			body := content(fmt.Sprint(i, j), size)
			whole = append(whole, body...)
			parts = append(parts, s.part(u, int32(j+1), body))
		}
		if got := oss.ToString(s.complete(u, parts...).HashCRC64); got != crcOf(whole) {
			s.Errorf("complete of %d parts: x-oss-hash-crc64ecma %q, want %s", len(sizes), got, crcOf(whole))
		}
		if got := oss.ToString(s.head(u.key).HashCRC64); got != crcOf(whole) {
			s.Errorf("head of %d parts: x-oss-hash-crc64ecma %q, want %s", len(sizes), got, crcOf(whole))
		}
	}
}

// completeForbidOverwrite: the check is made when the object would be
// replaced, and a refusal keeps the upload.
func completeForbidOverwrite(s *trial) {
	key := s.prefix + "object"
	forbid := func(r *oss.CompleteMultipartUploadRequest) { r.ForbidOverwrite = oss.Ptr("true") }
	u := s.initiate(key)
	one := s.part(u, 1, content("new", 20))
	s.put(key, content("old", 10))
	_, err := s.tryComplete(u, []oss.UploadPart{one}, forbid)
	s.wantError(err, 409, "FileAlreadyExists")
	s.wantObject(key, content("old", 10))
	s.complete(u, one)
	s.wantObject(key, content("new", 20))

	free := s.initiate(s.prefix + "free")
	if _, err := s.tryComplete(free, []oss.UploadPart{s.part(free, 1, content("x", 1))}, forbid); err != nil {
		s.Errorf("forbid-overwrite with no object of that key: %s", brief(err))
	}
}
