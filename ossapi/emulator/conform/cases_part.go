package conform

import (
	"fmt"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// partCases are about UploadPart.
func partCases() []testCase {
	return []testCase{
		{name: "part-etag-is-md5", run: partETagIsMD5},
		{name: "part-etag-is-quoted-upper-case", run: partETagUpperCase},
		{name: "part-crc64", run: partCRC},
		{name: "part-content-md5-right", run: partContentMD5Right},
		{name: "part-content-md5-wrong", run: partContentMD5Wrong},
		{name: "part-content-md5-malformed", run: partContentMD5Malformed},
		{name: "part-refused-is-not-stored", run: partRefusedIsNotStored},
		{name: "part-number-first-and-last", run: partNumberFirstAndLast},
		{name: "part-number-out-of-range", run: partNumberOutOfRange},
		{name: "part-of-unknown-upload", run: partOfUnknownUpload},
		{name: "part-of-other-keys-upload", run: partOfOtherKeysUpload},
	}
}

func partETagIsMD5(s *trial) {
	u := s.initiate(s.prefix + "object")
	body := content("body", 1000)
	if got := oss.ToString(s.part(u, 1, body).ETag); !sameETag(got, md5ETag(body)) {
		s.Errorf("ETag %s, want the MD5 %s", got, md5ETag(body))
	}
}

func partETagUpperCase(s *trial) {
	u := s.initiate(s.prefix + "object")
	body := content("body", 1000)
	if got := oss.ToString(s.part(u, 1, body).ETag); got != md5ETag(body) {
		s.Errorf("ETag %s, want %s", got, md5ETag(body))
	}
	if got := oss.ToString(s.listParts(u).Parts[0].ETag); got != md5ETag(body) {
		s.Errorf("listed ETag %s, want %s", got, md5ETag(body))
	}
}

// partCRC uses bodies whose CRC has its highest bit set and unset: OSS writes
// it as an unsigned decimal.
func partCRC(s *trial) {
	u := s.initiate(s.prefix + "object")
	signs := make(map[bool]bool)
	for number := int32(1); len(signs) < 2; number++ {
		body := content(fmt.Sprint("body", number), 1000+int(number))
		signs[len(crcOf(body)) == 20] = true // 20 digits: above the int64 range
		res, err := s.tryPart(u, number, body)
		if err != nil {
			s.Fatalf("part %d: %s", number, brief(err))
		}
		if got := oss.ToString(res.HashCRC64); got != crcOf(body) {
			s.Errorf("part %d: x-oss-hash-crc64ecma %q, want %s", number, got, crcOf(body))
		}
	}
}

func partContentMD5Right(s *trial) {
	u := s.initiate(s.prefix + "object")
	body := content("body", 5000)
	_, err := s.tryPart(u, 1, body, func(r *oss.UploadPartRequest) { r.ContentMD5 = oss.Ptr(contentMD5(body)) })
	if err != nil {
		s.Fatalf("a part with its right Content-MD5 is refused: %s", brief(err))
	}
}

func partContentMD5Wrong(s *trial) {
	u := s.initiate(s.prefix + "object")
	_, err := s.tryPart(u, 1, content("body", 5000), func(r *oss.UploadPartRequest) {
		r.ContentMD5 = oss.Ptr(contentMD5(content("other", 5000)))
	})
	s.wantError(err, 400, "InvalidDigest")
}

func partContentMD5Malformed(s *trial) {
	u := s.initiate(s.prefix + "object")
	for _, value := range []string{
		"not base64!",                      // not in the alphabet
		"AAAA",                             // too short
		"d41d8cd98f00b204e9800998ecf8427e", // hex instead of base64
	} {
		_, err := s.tryPart(u, 1, content("body", 5000), func(r *oss.UploadPartRequest) { r.ContentMD5 = oss.Ptr(value) })
		s.wantError(err, 400, "InvalidDigest")
	}
}

// partRefusedIsNotStored: a part whose digest differs neither appears nor
// replaces the one that was there.
func partRefusedIsNotStored(s *trial) {
	u := s.initiate(s.prefix + "object")
	good := content("good", 2000)
	s.part(u, 1, good)
	for number := int32(1); number <= 2; number++ {
		_, err := s.tryPart(u, number, content("bad", 3000), func(r *oss.UploadPartRequest) {
			r.ContentMD5 = oss.Ptr(contentMD5(content("other", 3000)))
		})
		if err == nil {
			s.Fatalf("part %d with a wrong Content-MD5 is accepted", number)
		}
	}
	listed := s.listParts(u).Parts
	s.wantParts(listed, 1)
	if listed[0].Size != int64(len(good)) || !sameETag(oss.ToString(listed[0].ETag), md5ETag(good)) {
		s.Errorf("part 1 is now %d bytes, ETag %s", listed[0].Size, oss.ToString(listed[0].ETag))
	}
}

func partNumberFirstAndLast(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.part(u, 10000, content("last", 10))
	s.part(u, 1, content("first", 10))
	s.wantParts(s.listParts(u).Parts, 1, 10000)
}

// partNumberOutOfRange sends raw requests: the SDK refuses part number 0 itself.
func partNumberOutOfRange(s *trial) {
	u := s.initiate(s.prefix + "object")
	for _, number := range []string{"0", "10001", "-1", "one", "4294967297"} {
		_, err := s.raw(oss.OperationInput{
			OpName: "UploadPart", Method: "PUT", Key: oss.Ptr(u.key),
			Parameters: map[string]string{"uploadId": u.id, "partNumber": number},
		}, "body")
		if err == nil {
			s.Fatalf("part number %s is accepted", number)
		}
		s.wantError(err, 400, "InvalidArgument")
	}
	s.wantParts(s.listParts(u).Parts)
}

func partOfUnknownUpload(s *trial) {
	u := upload{key: s.prefix + "object", id: "0123456789ABCDEF0123456789ABCDEF"}
	s.owesAbort(u)
	_, err := s.tryPart(u, 1, content("body", 10))
	s.wantError(err, 404, "NoSuchUpload")
	_, err = s.tryListParts(u)
	s.wantError(err, 404, "NoSuchUpload")
	_, err = s.tryComplete(u, []oss.UploadPart{{PartNumber: 1, ETag: oss.Ptr(md5ETag(nil))}})
	s.wantError(err, 404, "NoSuchUpload")
	_, err = s.tryAbort(u)
	s.wantError(err, 404, "NoSuchUpload")
}

// partOfOtherKeysUpload: an upload id belongs to one key.
func partOfOtherKeysUpload(s *trial) {
	u := s.initiate(s.prefix + "object")
	_, err := s.tryPart(upload{key: s.prefix + "other", id: u.id}, 1, content("body", 10))
	s.wantError(err, 404, "NoSuchUpload")
}
