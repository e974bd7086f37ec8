package conform

import (
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// abortCases are about AbortMultipartUpload.
func abortCases() []testCase {
	return []testCase{
		{name: "abort", run: abortUpload},
		{name: "abort-twice", run: abortTwice},
		{name: "abort-then-part", run: abortThenPart},
		{name: "abort-then-complete", run: abortThenComplete},
		{name: "abort-after-complete", run: abortAfterComplete},
	}
}

func abortUpload(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.part(u, 1, content("1", 10))
	res, err := s.tryAbort(u)
	if err != nil {
		s.Fatalf("abort: %s", brief(err))
	}
	if res.StatusCode != 204 {
		s.Errorf("abort answers %d, want 204", res.StatusCode)
	}
	_, err = s.tryListParts(u)
	s.wantError(err, 404, "NoSuchUpload")
	s.wantNoObject(u.key)
}

func abortTwice(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.abort(u)
	_, err := s.tryAbort(u)
	s.wantError(err, 404, "NoSuchUpload")
}

func abortThenPart(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.part(u, 1, content("1", 10))
	s.abort(u)
	_, err := s.tryPart(u, 2, content("2", 10))
	s.wantError(err, 404, "NoSuchUpload")
}

func abortThenComplete(s *trial) {
	u := s.initiate(s.prefix + "object")
	one := s.part(u, 1, content("1", 10))
	s.abort(u)
	_, err := s.tryComplete(u, []oss.UploadPart{one})
	s.wantError(err, 404, "NoSuchUpload")
	s.wantNoObject(u.key)
}

func abortAfterComplete(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.complete(u, s.part(u, 1, content("1", 10)))
	_, err := s.tryAbort(u)
	s.wantError(err, 404, "NoSuchUpload")
	s.wantObject(u.key, content("1", 10))
}

// overwriteCases are about x-oss-forbid-overwrite outside of Complete.
func overwriteCases() []testCase {
	return []testCase{
		{name: "overwrite-forbidden-at-initiate", run: overwriteForbiddenAtInitiate},
		{name: "overwrite-forbidden-at-put", run: overwriteForbiddenAtPut},
	}
}

func overwriteForbiddenAtInitiate(s *trial) {
	key := s.prefix + "object"
	forbid := func(r *oss.InitiateMultipartUploadRequest) { r.ForbidOverwrite = oss.Ptr("true") }
	if _, err := s.tryInitiate(key, forbid); err != nil {
		s.Fatalf("initiate with no object of that key: %s", brief(err))
	}
	s.put(key, content("old", 10))
	_, err := s.tryInitiate(key, forbid)
	s.wantError(err, 409, "FileAlreadyExists")
	s.initiate(key, func(r *oss.InitiateMultipartUploadRequest) { r.ForbidOverwrite = oss.Ptr("false") })
}

func overwriteForbiddenAtPut(s *trial) {
	key := s.prefix + "object"
	s.put(key, content("old", 10))
	_, err := s.client.PutObject(s.ctx, &oss.PutObjectRequest{
		Bucket: s.bucket(), Key: oss.Ptr(key), ForbidOverwrite: oss.Ptr("true"), Body: strings.NewReader("new"),
	})
	s.wantError(err, 409, "FileAlreadyExists")
	s.wantObject(key, content("old", 10))
}
