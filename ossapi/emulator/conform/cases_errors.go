package conform

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// errorCases are about how the server says no, and what every answer carries.
func errorCases() []testCase {
	return []testCase{
		{name: "errors-no-such-bucket", run: errorsNoSuchBucket},
		{name: "errors-no-such-key", run: errorsNoSuchKey},
		{name: "errors-of-head", run: errorsOfHead},
		{name: "errors-body-fields", run: errorsBodyFields},
		{name: "errors-ec", run: errorsEC},
		{name: "errors-ec-of-clock-skew", run: errorsECOfSkew},
		{name: "errors-ec-of-sequential-mode", run: errorsECOfSequential},
		{name: "answers-headers", run: answersHeaders},
		{name: "answers-request-ids-differ", run: answersRequestIDsDiffer},
		{name: "bucket-with-upload-is-not-deleted", run: bucketWithUpload},
	}
}

// noBucket returns the name of a bucket that does not exist.
func (s *trial) noBucket() *string { return oss.Ptr(s.run + "-none") }

func errorsNoSuchBucket(s *trial) {
	key := oss.Ptr(s.prefix + "object")
	_, err := s.client.ListMultipartUploads(s.ctx, &oss.ListMultipartUploadsRequest{Bucket: s.noBucket()})
	s.wantError(err, 404, "NoSuchBucket")
	_, err = s.client.InitiateMultipartUpload(s.ctx, &oss.InitiateMultipartUploadRequest{Bucket: s.noBucket(), Key: key})
	s.wantError(err, 404, "NoSuchBucket")
	_, err = s.client.PutObject(s.ctx, &oss.PutObjectRequest{Bucket: s.noBucket(), Key: key})
	s.wantError(err, 404, "NoSuchBucket")
	_, err = s.client.GetObject(s.ctx, &oss.GetObjectRequest{Bucket: s.noBucket(), Key: key})
	s.wantError(err, 404, "NoSuchBucket")
}

func errorsNoSuchKey(s *trial) { s.wantNoObject(s.prefix + "no such object") }

// errorsOfHead: an answer to HEAD has no body, so the error comes in base64 in
// the header x-oss-err, from which the SDK decodes it.
func errorsOfHead(s *trial) {
	_, err := s.client.HeadObject(s.ctx, &oss.HeadObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(s.prefix + "none")})
	se := s.wantError(err, 404, "NoSuchKey")
	if se.RequestID == "" || se.Message == "" || se.Headers.Get("x-oss-err") == "" {
		s.Errorf("request id %q, message %q, x-oss-err %q: none may be empty",
			se.RequestID, se.Message, se.Headers.Get("x-oss-err"))
	}
	_, err = s.client.HeadObject(s.ctx, &oss.HeadObjectRequest{Bucket: s.noBucket(), Key: oss.Ptr(s.prefix + "none")})
	s.wantError(err, 404, "NoSuchBucket")
}

func errorsBodyFields(s *trial) {
	_, err := s.tryListParts(upload{s.prefix + "object", "0123456789ABCDEF0123456789ABCDEF"})
	se := s.wantError(err, 404, "NoSuchUpload")
	if se.Message == "" || se.RequestID == "" || se.EC == "" {
		s.Errorf("message %q, request id %q, EC %q: none may be empty", se.Message, se.RequestID, se.EC)
	}
	if got := se.Headers.Get("x-oss-request-id"); got != se.RequestID {
		s.Errorf("x-oss-request-id %q, the body says %q", got, se.RequestID)
	}
	if got := se.Headers.Get("Content-Type"); !strings.HasPrefix(got, "application/xml") {
		s.Errorf("Content-Type %q, want application/xml", got)
	}
	if !strings.Contains(string(se.Snapshot), "<HostId>") {
		s.Errorf("no HostId in %q", se.Snapshot)
	}
	if skew := time.Since(se.Timestamp); skew.Abs() > 15*time.Minute {
		s.Errorf("Date is off by %v", skew)
	}
}

// errorsEC provokes the errors whose EC is published. Clients look up the help
// page by it.
func errorsEC(s *trial) {
	unknown := upload{s.prefix + "object", "0123456789ABCDEF0123456789ABCDEF"}
	u := s.initiate(s.prefix + "object")
	s.put(s.prefix+"taken", []byte("x"))
	taken := s.initiate(s.prefix + "taken")
	takenPart := s.part(taken, 1, []byte("y"))
	one, two := s.part(u, 1, content("1", 10)), s.part(u, 2, content("2", 10))

	_, partNumber := s.tryPart(u, 10001, []byte("x"))
	_, noUpload := s.tryPart(unknown, 1, []byte("x"))
	_, noUploadAtComplete := s.tryComplete(unknown, []oss.UploadPart{one})
	_, tooSmall := s.tryComplete(u, []oss.UploadPart{one, two})
	_, allAndBody := s.tryComplete(u, []oss.UploadPart{one}, func(r *oss.CompleteMultipartUploadRequest) { r.CompleteAll = oss.Ptr("yes") })
	_, exists := s.tryComplete(taken, []oss.UploadPart{takenPart}, func(r *oss.CompleteMultipartUploadRequest) { r.ForbidOverwrite = oss.Ptr("true") })
	_, noBucket := s.client.ListMultipartUploads(s.ctx, &oss.ListMultipartUploadsRequest{Bucket: s.noBucket()})
	for _, c := range []struct {
		err      error
		code, ec string
	}{
		{partNumber, "InvalidArgument", "0017-00000220"},
		{noUpload, "NoSuchUpload", "0042-00000104"},
		{noUploadAtComplete, "NoSuchUpload", "0042-00000203"},
		{tooSmall, "EntityTooSmall", "0042-00000213"},
		{s.rawComplete(u, completeBody(two, one)), "InvalidPartOrder", "0042-00000209"},
		{s.rawComplete(u, "no XML"), "MalformedXML", "0042-00000205"},
		{allAndBody, "InvalidArgument", "0042-00000216"},
		{exists, "FileAlreadyExists", "0042-00000214"},
		{noBucket, "NoSuchBucket", "0015-00000101"},
	} {
		s.wantEC(c.err, c.code, c.ec)
	}
}

func (s *trial) wantEC(err error, code, ec string) {
	s.Helper()
	if se := serviceError(err); se.Code != code || se.EC != ec {
		s.Errorf("got %q EC %q, want %s EC %s", se.Code, se.EC, code, ec)
	}
}

func errorsECOfSkew(s *trial) {
	s.wantEC(s.callWithClock(20*time.Minute), "RequestTimeTooSkewed", "0002-00000504")
}

func errorsECOfSequential(s *trial) {
	u := s.initiate(s.prefix+"object", sequential)
	s.part(u, 1, content("1", 10))
	_, err := s.tryPart(u, 1, content("1", 10))
	s.wantEC(err, "PartAlreadyExist", "0042-00000108")
}

// answersHeaders are those every answer has, good or bad.
func answersHeaders(s *trial) {
	check := func(what string, h http.Header) {
		if id := h.Get("x-oss-request-id"); !regexp.MustCompile(`^[0-9A-F]{24}$`).MatchString(id) {
			s.Errorf("%s: x-oss-request-id %q, want 24 upper-case hex digits", what, id)
		}
		if ms, err := strconv.Atoi(h.Get("x-oss-server-time")); err != nil || ms < 0 {
			s.Errorf("%s: x-oss-server-time %q, want milliseconds", what, h.Get("x-oss-server-time"))
		}
		if _, err := http.ParseTime(h.Get("Date")); err != nil {
			s.Errorf("%s: Date: %v", what, err)
		}
		if got := h.Get("Server"); got != "AliyunOSS" {
			s.Errorf("%s: Server %q, want AliyunOSS", what, got)
		}
	}
	u := s.initiate(s.prefix + "object")
	res, err := s.tryPart(u, 1, []byte("x"))
	if err != nil {
		s.Fatalf("part: %s", brief(err))
	}
	check("part", res.Headers)
	check("list parts", s.listParts(u).Headers)
	check("complete", s.complete(u, oss.UploadPart{PartNumber: 1, ETag: res.ETag}).Headers)
	check("head", s.head(u.key).Headers)
	_, err = s.tryAbort(u)
	check("refused abort", s.wantError(err, 404, "NoSuchUpload").Headers)
}

func answersRequestIDsDiffer(s *trial) {
	seen := make(map[string]bool)
	for range 20 {
		seen[s.listUploads().Headers.Get("x-oss-request-id")] = true
	}
	if len(seen) != 20 {
		s.Errorf("20 answers carry %d request ids", len(seen))
	}
}

// bucketWithUpload makes a bucket of its own: unfinished uploads can not be
// seen among objects, and yet they keep a bucket from being deleted.
func bucketWithUpload(s *trial) {
	bucket, key := oss.Ptr(s.run+"-own"), oss.Ptr("object")
	if _, err := s.client.PutBucket(s.ctx, &oss.PutBucketRequest{Bucket: bucket}); err != nil {
		s.Fatalf("make a bucket: %s", brief(err))
	}
	begun, err := s.client.InitiateMultipartUpload(s.ctx, &oss.InitiateMultipartUploadRequest{Bucket: bucket, Key: key})
	if err != nil {
		s.Fatalf("initiate: %s", brief(err))
	}
	_, refused := s.client.DeleteBucket(s.ctx, &oss.DeleteBucketRequest{Bucket: bucket})
	_, err = s.client.AbortMultipartUpload(s.ctx, &oss.AbortMultipartUploadRequest{Bucket: bucket, Key: key, UploadId: begun.UploadId})
	if err != nil {
		s.Errorf("abort: %s", brief(err))
	}
	if _, err := s.client.DeleteBucket(s.ctx, &oss.DeleteBucketRequest{Bucket: bucket}); err != nil && refused != nil {
		s.Errorf("delete the empty bucket: %s", brief(err))
	}
	s.wantError(refused, 409, "BucketNotEmpty")
}
