package conform

import (
	"bytes"
	"io"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// objectCases are about reading back what an upload made.
func objectCases() []testCase {
	return []testCase{
		{name: "object-ranges", run: objectRanges},
		{name: "object-listed", run: objectListed},
		{name: "object-types", run: objectTypes},
		{name: "object-get-crc64", run: objectGetCRC},
		{name: "object-put-etag-and-crc64", run: objectPutETagAndCRC},
		{name: "object-delete", run: objectDelete},
	}
}

// twoParts makes an object whose parts meet at byte minPart.
func (s *trial) twoParts(key string) []byte {
	s.Helper()
	u := s.initiate(key)
	s.complete(u, s.part(u, 1, content("1", minPart)), s.part(u, 2, content("2", 1000)))
	return append(content("1", minPart), content("2", 1000)...)
}

func objectRanges(s *trial) {
	key := s.prefix + "object"
	whole := s.twoParts(key)
	size := len(whole)
	for _, c := range []struct {
		header   string
		from, to int // the bytes wanted, to excluded
	}{
		{"bytes=0-0", 0, 1},
		{"bytes=0-99", 0, 100},
		{"bytes=102399-102400", minPart - 1, minPart + 1}, // across the parts
		{"bytes=102400-102400", minPart, minPart + 1},
		{"bytes=1000-102999", 1000, 103000},
		{"bytes=103000-", 103000, size},
		{"bytes=-1", size - 1, size},
		{"bytes=-2000", size - 2000, size},
		{"bytes=0-103399", 0, size},
	} {
		res, err := s.client.GetObject(s.ctx, &oss.GetObjectRequest{
			Bucket: s.bucket(), Key: oss.Ptr(key), Range: oss.Ptr(c.header),
		})
		if err != nil {
			s.Fatalf("get %s: %s", c.header, brief(err))
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			s.Fatalf("get %s: body: %v", c.header, err)
		}
		if res.StatusCode != 206 || !bytes.Equal(got, whole[c.from:c.to]) {
			s.Errorf("get %s: status %d, %d bytes; want 206, bytes %d to %d", c.header, res.StatusCode, len(got), c.from, c.to)
		}
	}
}

func objectListed(s *trial) {
	whole := s.twoParts(s.prefix + "object")
	s.put(s.prefix+"put", []byte("x"))
	res, err := s.client.ListObjectsV2(s.ctx, &oss.ListObjectsV2Request{Bucket: s.bucket(), Prefix: oss.Ptr(s.prefix)})
	if err != nil {
		s.Fatalf("list objects: %s", brief(err))
	}
	if len(res.Contents) != 2 {
		s.Fatalf("listed %d objects, want 2", len(res.Contents))
	}
	if o := res.Contents[0]; oss.ToString(o.Key) != s.prefix+"object" || o.Size != int64(len(whole)) {
		s.Errorf("listed %q with %d bytes, want %d", oss.ToString(o.Key), o.Size, len(whole))
	}
	if got, want := oss.ToString(res.Contents[0].ETag), oss.ToString(s.head(s.prefix+"object").ETag); got != want {
		s.Errorf("listed ETag %s, head says %s", got, want)
	}
}

func objectTypes(s *trial) {
	s.twoParts(s.prefix + "object")
	s.put(s.prefix+"put", []byte("x"))
	for key, want := range map[string]string{s.prefix + "object": "Multipart", s.prefix + "put": "Normal"} {
		if got := oss.ToString(s.head(key).ObjectType); got != want {
			s.Errorf("x-oss-object-type of %q is %q, want %s", key, got, want)
		}
	}
}

func objectGetCRC(s *trial) {
	key := s.prefix + "object"
	whole := s.twoParts(key)
	res, err := s.client.GetObject(s.ctx, &oss.GetObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
	if err != nil {
		s.Fatalf("get: %s", brief(err))
	}
	defer res.Body.Close()
	if got := oss.ToString(res.HashCRC64); got != crcOf(whole) {
		s.Errorf("x-oss-hash-crc64ecma %q, want %s", got, crcOf(whole))
	}
}

func objectPutETagAndCRC(s *trial) {
	key := s.prefix + "object"
	body := content("body", 4096)
	s.put(key, body) // the SDK itself compares the CRC of the answer
	head := s.head(key)
	if oss.ToString(head.ETag) != md5ETag(body) || oss.ToString(head.HashCRC64) != crcOf(body) {
		s.Errorf("head: ETag %s, CRC %s; want %s, %s",
			oss.ToString(head.ETag), oss.ToString(head.HashCRC64), md5ETag(body), crcOf(body))
	}
}

// objectDelete: deleting what is not there is no error.
func objectDelete(s *trial) {
	key := s.prefix + "object"
	s.twoParts(key)
	for range 2 {
		res, err := s.client.DeleteObject(s.ctx, &oss.DeleteObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
		if err != nil {
			s.Fatalf("delete: %s", brief(err))
		}
		if res.StatusCode != 204 {
			s.Errorf("delete answers %d, want 204", res.StatusCode)
		}
	}
	s.wantNoObject(key)
}
