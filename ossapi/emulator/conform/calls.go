package conform

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// minPart is the least size of a part that is not the last one, in bytes.
// OSS checks it at Complete only.
const minPart = 100 << 10

// content returns n bytes that look random and depend on the label alone, so
// that a failure can be repeated.
func content(label string, n int) []byte {
	body := make([]byte, n)
	rand.NewChaCha8(sha256.Sum256([]byte(label))).Read(body)
	return body
}

// crcOf returns the CRC-64/ECMA of body in the decimal form OSS answers with.
func crcOf(body []byte) string {
	return strconv.FormatUint(crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)), 10)
}

// md5ETag returns the ETag OSS gives to a part: upper-case hex MD5 in quotes.
func md5ETag(body []byte) string { return fmt.Sprintf("%q", fmt.Sprintf("%X", md5.Sum(body))) }

// contentMD5 returns the value of the Content-MD5 header of body.
func contentMD5(body []byte) string {
	sum := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// initiate begins an upload of key; adjust may change the request or be nil.
func (s *trial) initiate(key string, adjust ...func(*oss.InitiateMultipartUploadRequest)) upload {
	s.Helper()
	u, err := s.tryInitiate(key, adjust...)
	if err != nil {
		s.Fatalf("initiate %q: %s", key, brief(err))
	}
	return u
}

// tryInitiate is initiate for cases in which it may be refused.
func (s *trial) tryInitiate(key string, adjust ...func(*oss.InitiateMultipartUploadRequest)) (upload, error) {
	req := &oss.InitiateMultipartUploadRequest{Bucket: s.bucket(), Key: oss.Ptr(key)}
	for _, f := range adjust {
		f(req)
	}
	res, err := s.client.InitiateMultipartUpload(s.ctx, req)
	if err != nil {
		return upload{}, err
	}
	u := upload{key: key, id: oss.ToString(res.UploadId)}
	s.owesAbort(u)
	switch {
	case u.id == "":
		return u, fmt.Errorf("answer without an upload id")
	case oss.ToString(res.Key) != key:
		return u, fmt.Errorf("answer names key %q, want %q", oss.ToString(res.Key), key)
	case oss.ToString(res.Bucket) != s.target.Bucket:
		return u, fmt.Errorf("answer names bucket %q, want %q", oss.ToString(res.Bucket), s.target.Bucket)
	}
	return u, nil
}

// tryPart sends one part.
func (s *trial) tryPart(u upload, number int32, body []byte, adjust ...func(*oss.UploadPartRequest)) (*oss.UploadPartResult, error) {
	return uploadPart(s.ctx, s.client, s.target.Bucket, u, number, body, adjust...)
}

func uploadPart(ctx context.Context, client *oss.Client, bucket string, u upload, number int32, body []byte,
	adjust ...func(*oss.UploadPartRequest),
) (*oss.UploadPartResult, error) {
	req := &oss.UploadPartRequest{
		Bucket:     oss.Ptr(bucket),
		Key:        oss.Ptr(u.key),
		UploadId:   oss.Ptr(u.id),
		PartNumber: number,
		Body:       bytes.NewReader(body),
	}
	for _, f := range adjust {
		f(req)
	}
	return client.UploadPart(ctx, req)
}

// part sends one part and returns its entry for the list of Complete.
func (s *trial) part(u upload, number int32, body []byte) oss.UploadPart {
	s.Helper()
	res, err := s.tryPart(u, number, body)
	if err != nil {
		s.Fatalf("part %d of %q: %s", number, u.key, brief(err))
	}
	if oss.ToString(res.ETag) == "" {
		s.Fatalf("part %d of %q: answer without an ETag", number, u.key)
	}
	return oss.UploadPart{PartNumber: number, ETag: res.ETag}
}

// tryComplete completes u from the list of parts, which may be empty. It
// hands the SDK a copy, as the SDK sorts the slice it is given.
func (s *trial) tryComplete(u upload, parts []oss.UploadPart, adjust ...func(*oss.CompleteMultipartUploadRequest)) (*oss.CompleteMultipartUploadResult, error) {
	s.owes(u.key)
	req := &oss.CompleteMultipartUploadRequest{
		Bucket:   s.bucket(),
		Key:      oss.Ptr(u.key),
		UploadId: oss.Ptr(u.id),
		CompleteMultipartUpload: &oss.CompleteMultipartUpload{
			Parts: append([]oss.UploadPart(nil), parts...),
		},
	}
	for _, f := range adjust {
		f(req)
	}
	return s.client.CompleteMultipartUpload(s.ctx, req)
}

// complete completes u from the list of parts.
func (s *trial) complete(u upload, parts ...oss.UploadPart) *oss.CompleteMultipartUploadResult {
	s.Helper()
	res, err := s.tryComplete(u, parts)
	if err != nil {
		s.Fatalf("complete %q: %s", u.key, brief(err))
	}
	return res
}

// uploadOne makes an object of key by an upload of one part.
func (s *trial) uploadOne(key string, body []byte) {
	s.Helper()
	u := s.initiate(key)
	s.complete(u, s.part(u, 1, body))
}

// tryAbort aborts u.
func (s *trial) tryAbort(u upload) (*oss.AbortMultipartUploadResult, error) {
	return s.client.AbortMultipartUpload(s.ctx, &oss.AbortMultipartUploadRequest{
		Bucket: s.bucket(), Key: oss.Ptr(u.key), UploadId: oss.Ptr(u.id),
	})
}

// abort aborts u.
func (s *trial) abort(u upload) {
	s.Helper()
	if _, err := s.tryAbort(u); err != nil {
		s.Fatalf("abort %q: %s", u.key, brief(err))
	}
}

// tryListParts lists one page of the parts of u.
func (s *trial) tryListParts(u upload, adjust ...func(*oss.ListPartsRequest)) (*oss.ListPartsResult, error) {
	req := &oss.ListPartsRequest{Bucket: s.bucket(), Key: oss.Ptr(u.key), UploadId: oss.Ptr(u.id)}
	for _, f := range adjust {
		f(req)
	}
	return s.client.ListParts(s.ctx, req)
}

// listParts lists one page of the parts of u.
func (s *trial) listParts(u upload, adjust ...func(*oss.ListPartsRequest)) *oss.ListPartsResult {
	s.Helper()
	res, err := s.tryListParts(u, adjust...)
	if err != nil {
		s.Fatalf("list parts of %q: %s", u.key, brief(err))
	}
	return res
}

// put makes an object of key in one request.
func (s *trial) put(key string, body []byte) {
	s.Helper()
	s.owes(key)
	_, err := s.client.PutObject(s.ctx, &oss.PutObjectRequest{
		Bucket: s.bucket(), Key: oss.Ptr(key), Body: bytes.NewReader(body),
	})
	if err != nil {
		s.Fatalf("put %q: %s", key, brief(err))
	}
}

// head asks for the headers of an object.
func (s *trial) head(key string) *oss.HeadObjectResult {
	s.Helper()
	res, err := s.client.HeadObject(s.ctx, &oss.HeadObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
	if err != nil {
		s.Fatalf("head %q: %s", key, brief(err))
	}
	return res
}

// wantObject fails unless the object of key holds exactly body.
func (s *trial) wantObject(key string, body []byte) {
	s.Helper()
	res, err := s.client.GetObject(s.ctx, &oss.GetObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
	if err != nil {
		s.Fatalf("get %q: %s", key, brief(err))
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatalf("get %q: body: %v", key, err)
	}
	if !bytes.Equal(got, body) {
		s.Fatalf("object %q: got %d bytes, want %d, first difference at byte %d",
			key, len(got), len(body), firstDifference(got, body))
	}
}

// wantNoObject fails if an object of key exists.
func (s *trial) wantNoObject(key string) {
	s.Helper()
	_, err := s.client.GetObject(s.ctx, &oss.GetObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
	s.wantError(err, 404, "NoSuchKey")
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// raw sends a request that the SDK has no call for, or would change or refuse,
// and returns the answer's body. The SDK still signs it and decodes its error.
func (s *trial) raw(in oss.OperationInput, body string) ([]byte, error) {
	in.Bucket = s.bucket()
	if body != "" {
		in.Body = strings.NewReader(body)
	}
	out, err := s.client.InvokeOperation(s.ctx, &in)
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}
