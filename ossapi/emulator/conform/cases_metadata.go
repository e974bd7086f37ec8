package conform

import (
	"maps"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// metadataCases are about what is said at initiate and kept with the object:
// nothing of it can be changed later in the upload.
func metadataCases() []testCase {
	return []testCase{
		{name: "metadata-content-type", run: metadataContentType},
		{name: "metadata-standard-headers", run: metadataStandardHeaders},
		{name: "metadata-user", run: metadataUser},
		{name: "metadata-storage-class", run: metadataStorageClass},
		{name: "metadata-tagging", run: metadataTagging},
		{name: "metadata-acl-at-complete", run: metadataACL},
		{name: "metadata-sse-aes256", run: metadataAES256},
		{name: "metadata-sse-kms-etag-is-no-md5", run: metadataKMS},
	}
}

// uploadWith makes an object of one part from the request and returns its headers.
func (s *trial) uploadWith(adjust func(*oss.InitiateMultipartUploadRequest)) *oss.HeadObjectResult {
	s.Helper()
	u := s.initiate(s.prefix+"object", adjust)
	s.complete(u, s.part(u, 1, content("body", 100)))
	return s.head(u.key)
}

func metadataContentType(s *trial) {
	const want = "text/x-conform; charset=utf-8"
	head := s.uploadWith(func(r *oss.InitiateMultipartUploadRequest) { r.ContentType = oss.Ptr(want) })
	if got := oss.ToString(head.ContentType); got != want {
		s.Errorf("Content-Type %q, want %q", got, want)
	}
}

func metadataStandardHeaders(s *trial) {
	head := s.uploadWith(func(r *oss.InitiateMultipartUploadRequest) {
		r.CacheControl = oss.Ptr("no-cache, max-age=60")
		r.ContentDisposition = oss.Ptr(`attachment; filename="a b.bin"`)
		r.ContentEncoding = oss.Ptr("br")
		r.Expires = oss.Ptr("Wed, 01 Jan 2031 00:00:00 GMT")
	})
	for name, want := range map[string]string{
		"Cache-Control":       "no-cache, max-age=60",
		"Content-Disposition": `attachment; filename="a b.bin"`,
		"Content-Encoding":    "br",
		"Expires":             "Wed, 01 Jan 2031 00:00:00 GMT",
	} {
		if got := head.Headers.Get(name); got != want {
			s.Errorf("%s %q, want %q", name, got, want)
		}
	}
}

func metadataUser(s *trial) {
	want := map[string]string{"source": "conform", "with-dash": "a value, with comma", "encoded": "%E4%B8%AD"}
	head := s.uploadWith(func(r *oss.InitiateMultipartUploadRequest) { r.Metadata = maps.Clone(want) })
	if !maps.Equal(head.Metadata, want) {
		s.Errorf("x-oss-meta-* %q, want %q", head.Metadata, want)
	}
}

func metadataStorageClass(s *trial) {
	head := s.uploadWith(func(r *oss.InitiateMultipartUploadRequest) { r.StorageClass = oss.StorageClassIA })
	if got := oss.ToString(head.StorageClass); got != "IA" {
		s.Errorf("head: x-oss-storage-class %q, want IA", got)
	}
	res, err := s.client.ListObjectsV2(s.ctx, &oss.ListObjectsV2Request{Bucket: s.bucket(), Prefix: oss.Ptr(s.prefix)})
	if err != nil {
		s.Fatalf("list objects: %s", brief(err))
	}
	if len(res.Contents) != 1 || oss.ToString(res.Contents[0].StorageClass) != "IA" {
		s.Errorf("list objects does not show the one object with storage class IA")
	}
}

func metadataTagging(s *trial) {
	head := s.uploadWith(func(r *oss.InitiateMultipartUploadRequest) {
		r.Tagging = oss.Ptr("colour=blue&team=a%20b&empty=")
	})
	if head.TaggingCount != 3 {
		s.Errorf("x-oss-tagging-count %d, want 3", head.TaggingCount)
	}
}

// metadataACL: the ACL is the one thing given at Complete. A private ACL is
// used, for the bucket may refuse public ones.
func metadataACL(s *trial) {
	aclOf := func(key string) string {
		res, err := s.client.GetObjectAcl(s.ctx, &oss.GetObjectAclRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
		if err != nil {
			s.Fatalf("get the ACL of %q: %s", key, brief(err))
		}
		return oss.ToString(res.ACL)
	}
	u := s.initiate(s.prefix + "private")
	_, err := s.tryComplete(u, []oss.UploadPart{s.part(u, 1, []byte("x"))},
		func(r *oss.CompleteMultipartUploadRequest) { r.Acl = oss.ObjectACLPrivate })
	if err != nil {
		s.Fatalf("complete with an ACL: %s", brief(err))
	}
	if got := aclOf(u.key); got != "private" {
		s.Errorf("ACL %q, want private", got)
	}
	s.uploadOne(s.prefix+"inherits", []byte("x"))
	if got := aclOf(s.prefix + "inherits"); got != "default" {
		s.Errorf("ACL %q of an upload that gave none, want default", got)
	}
}

func metadataAES256(s *trial) {
	head := s.uploadWith(func(r *oss.InitiateMultipartUploadRequest) { r.ServerSideEncryption = oss.Ptr("AES256") })
	if got := oss.ToString(head.ServerSideEncryption); got != "AES256" {
		s.Errorf("x-oss-server-side-encryption %q, want AES256", got)
	}
	s.wantObject(s.prefix+"object", content("body", 100))
}

// metadataKMS: the ETag of a part that the key service encrypts is not the MD5
// of what was sent, yet Complete wants it all the same.
func metadataKMS(s *trial) {
	u := s.initiate(s.prefix+"object", func(r *oss.InitiateMultipartUploadRequest) { r.ServerSideEncryption = oss.Ptr("KMS") })
	body := content("body", 100)
	part := s.part(u, 1, body)
	if sameETag(oss.ToString(part.ETag), md5ETag(body)) {
		s.Errorf("ETag %s is the MD5 of the part", oss.ToString(part.ETag))
	}
	if got := oss.ToString(s.listParts(u).Parts[0].ETag); got != oss.ToString(part.ETag) {
		s.Errorf("listed ETag %s, the part's answer said %s", got, oss.ToString(part.ETag))
	}
	s.complete(u, part)
	if got := oss.ToString(s.head(u.key).ServerSideEncryption); got != "KMS" {
		s.Errorf("x-oss-server-side-encryption %q, want KMS", got)
	}
	s.wantObject(u.key, body)
}
