package conform

import (
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// copyCases are about UploadPartCopy.
func copyCases() []testCase {
	return []testCase{
		{name: "copy-whole-object", run: copyWholeObject},
		{name: "copy-range", run: copyRange},
		{name: "copy-from-multipart-object", run: copyFromMultipart},
		{name: "copy-source-key-is-escaped", run: copySourceKeyEscaped},
		{name: "copy-missing-source", run: copyMissingSource},
		{name: "copy-to-unknown-upload", run: copyToUnknownUpload},
	}
}

// tryCopy copies source, or the range of it ("bytes=a-b"), into a part.
func (s *trial) tryCopy(u upload, number int32, source, byteRange string) (*oss.UploadPartCopyResult, error) {
	req := &oss.UploadPartCopyRequest{
		Bucket: s.bucket(), Key: oss.Ptr(u.key), UploadId: oss.Ptr(u.id), PartNumber: number, SourceKey: oss.Ptr(source),
	}
	if byteRange != "" {
		req.Range = oss.Ptr(byteRange)
	}
	return s.client.UploadPartCopy(s.ctx, req)
}

// copyPart copies and checks that the answer's ETag is that of the body wanted.
func (s *trial) copyPart(u upload, number int32, source, byteRange string, body []byte) oss.UploadPart {
	s.Helper()
	res, err := s.tryCopy(u, number, source, byteRange)
	if err != nil {
		s.Fatalf("copy %q %s: %s", source, byteRange, brief(err))
	}
	if !sameETag(oss.ToString(res.ETag), md5ETag(body)) {
		s.Fatalf("copy %q %s: ETag %s, want %s", source, byteRange, oss.ToString(res.ETag), md5ETag(body))
	}
	return oss.UploadPart{PartNumber: number, ETag: res.ETag}
}

func copyWholeObject(s *trial) {
	body := content("source", minPart+77)
	s.put(s.prefix+"source", body)
	u := s.initiate(s.prefix + "object")
	part := s.copyPart(u, 1, s.prefix+"source", "", body)
	if listed := s.listParts(u).Parts; len(listed) != 1 || listed[0].Size != int64(len(body)) {
		s.Errorf("listed %+v, want one part of %d bytes", listed, len(body))
	}
	s.complete(u, part)
	s.wantObject(u.key, body)
}

func copyRange(s *trial) {
	body := content("source", 3*minPart)
	s.put(s.prefix+"source", body)
	u := s.initiate(s.prefix + "object")
	head := s.copyPart(u, 1, s.prefix+"source", "bytes=5-102404", body[5:102405])
	tail := s.copyPart(u, 3, s.prefix+"source", "bytes=307199-307199", body[307199:])
	sent := s.part(u, 2, content("sent", minPart))
	s.complete(u, head, sent, tail)
	s.wantObject(u.key, append(append(append([]byte(nil), body[5:102405]...), content("sent", minPart)...), body[307199]))
}

// copyFromMultipart takes a range across the border of the source's parts.
func copyFromMultipart(s *trial) {
	source := s.initiate(s.prefix + "source")
	s.complete(source, s.part(source, 1, content("1", minPart)), s.part(source, 2, content("2", 500)))
	whole := append(content("1", minPart), content("2", 500)...)
	u := s.initiate(s.prefix + "object")
	s.complete(u, s.copyPart(u, 1, source.key, "bytes=102390-102499", whole[102390:102500]))
	s.wantObject(u.key, whole[102390:102500])
}

func copySourceKeyEscaped(s *trial) {
	for i, name := range []string{"with space", "plus+", "per%cent", "中文", "q?a=b"} {
		s.put(s.prefix+name, []byte(name))
		u := s.initiate(s.prefix + "object")
		s.complete(u, s.copyPart(u, int32(i+1), s.prefix+name, "", []byte(name)))
		s.wantObject(u.key, []byte(name))
	}
}

func copyMissingSource(s *trial) {
	u := s.initiate(s.prefix + "object")
	_, err := s.tryCopy(u, 1, s.prefix+"no such source", "")
	s.wantError(err, 404, "NoSuchKey")
	s.wantParts(s.listParts(u).Parts)
}

func copyToUnknownUpload(s *trial) {
	s.put(s.prefix+"source", []byte("x"))
	_, err := s.tryCopy(upload{key: s.prefix + "object", id: "0123456789ABCDEF0123456789ABCDEF"}, 1, s.prefix+"source", "")
	s.wantError(err, 404, "NoSuchUpload")
}
