package conform

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

// signatureCases are about who may ask, in headers and in presigned URLs.
func signatureCases() []testCase {
	return []testCase{
		{name: "signature-wrong-secret", run: signatureWrongSecret},
		{name: "signature-unknown-key-id", run: signatureUnknownKeyID},
		{name: "signature-none", run: signatureNone},
		{name: "signature-wrong-region", run: signatureWrongRegion, v4: true},
		{name: "signature-additional-headers", run: signatureAdditionalHeaders, v4: true},
		{name: "signature-covers-request", run: signatureCoversRequest},
		{name: "signature-covers-query", run: signatureCoversQuery, v4: true},
		{name: "signature-clock-within-15-minutes", run: signatureClockWithin},
		{name: "signature-clock-skewed", run: signatureClockSkewed},
		{name: "signature-clock-corrected-from-date", run: signatureClockCorrected},
		{name: "presigned-whole-upload", run: presignedWholeUpload},
		{name: "presigned-tampered", run: presignedTampered},
		{name: "presigned-expired", run: presignedExpired},
	}
}

// callAs makes a cheap call with a client of other settings and returns its error.
func (s *trial) callAs(adjust func(*oss.Config), options ...func(*oss.Options)) error {
	_, err := s.newClient(adjust, options...).ListMultipartUploads(s.ctx, &oss.ListMultipartUploadsRequest{
		Bucket: s.bucket(), Prefix: oss.Ptr(s.prefix), MaxUploads: 1,
	})
	return err
}

func (s *trial) withKey(id, secret string) func(*oss.Config) {
	return func(c *oss.Config) { c.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret)) }
}

func signatureWrongSecret(s *trial) {
	err := s.callAs(s.withKey(s.target.AccessKeyID, "no"+s.target.AccessKeySecret))
	s.wantError(err, 403, "SignatureDoesNotMatch")
}

func signatureUnknownKeyID(s *trial) {
	err := s.callAs(s.withKey("conformNoSuchKeyId", s.target.AccessKeySecret))
	s.wantError(err, 403, "InvalidAccessKeyId")
}

func signatureNone(s *trial) {
	err := s.callAs(func(c *oss.Config) { c.WithCredentialsProvider(credentials.NewAnonymousCredentialsProvider()) })
	s.wantError(err, 403, "AccessDenied")
}

// signatureWrongRegion: "Invalid signing region in Authorization header."
func signatureWrongRegion(s *trial) {
	err := s.callAs(func(c *oss.Config) { c.WithRegion("xx-nowhere") })
	s.wantError(err, 400, "InvalidArgument")
}

func signatureAdditionalHeaders(s *trial) {
	err := s.callAs(func(c *oss.Config) { c.WithAdditionalHeaders([]string{"User-Agent", "Date"}) })
	if err != nil {
		s.Fatalf("signing additional headers: %s", brief(err))
	}
}

// forger changes a request after it was signed.
type forger struct {
	signer.Signer
	forge func(*http.Request)
}

func (f forger) Sign(ctx context.Context, c *signer.SigningContext) error {
	err := f.Signer.Sign(ctx, c)
	f.forge(c.Request)
	return err
}

// wantForgeryFound fails unless a signed initiate that was changed is refused.
func (s *trial) wantForgeryFound(forge func(*http.Request)) {
	s.Helper()
	client := s.newClient(nil, func(o *oss.Options) { o.Signer = forger{o.Signer, forge} })
	key := s.prefix + "object"
	res, err := client.InitiateMultipartUpload(s.ctx, &oss.InitiateMultipartUploadRequest{
		Bucket: s.bucket(), Key: oss.Ptr(key), ContentType: oss.Ptr("text/plain"),
	})
	if err == nil {
		s.owesAbort(upload{oss.ToString(res.Key), oss.ToString(res.UploadId)})
	}
	s.wantError(err, 403, "SignatureDoesNotMatch")
}

// signatureCoversRequest: both schemes sign the path, Content-Type and every
// x-oss- header, also one that was not there.
func signatureCoversRequest(s *trial) {
	s.wantForgeryFound(func(r *http.Request) { r.URL.Path += "2" })
	s.wantForgeryFound(func(r *http.Request) { r.Header.Set("Content-Type", "text/html") })
	s.wantForgeryFound(func(r *http.Request) { r.Header.Del("Content-Type") })
	s.wantForgeryFound(func(r *http.Request) { r.Header.Set("x-oss-storage-class", "IA") })
}

// signatureCoversQuery: V4 signs the whole query, V1 only a list of parameters.
func signatureCoversQuery(s *trial) {
	s.wantForgeryFound(func(r *http.Request) { r.URL.RawQuery += "&extra=1" })
	s.wantForgeryFound(func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "=url", "=none", 1) })
}

// offClock signs as on a machine whose clock is off. It honours the correction
// the SDK learns from a refusal.
type offClock struct {
	signer.Signer
	by time.Duration
}

func (o offClock) Sign(ctx context.Context, c *signer.SigningContext) error {
	if c.Time.IsZero() {
		c.Time = time.Now().Add(o.by + c.ClockOffset)
	}
	return o.Signer.Sign(ctx, c)
}

func (s *trial) callWithClock(off time.Duration) error {
	return s.callAs(nil, func(o *oss.Options) { o.Signer = offClock{o.Signer, off} })
}

func signatureClockWithin(s *trial) {
	for _, off := range []time.Duration{-13 * time.Minute, 13 * time.Minute} {
		if err := s.callWithClock(off); err != nil {
			s.Errorf("a clock off by %v: %s", off, brief(err))
		}
	}
}

func signatureClockSkewed(s *trial) {
	for _, off := range []time.Duration{-17 * time.Minute, 17 * time.Minute, 26 * time.Hour} {
		s.wantError(s.callWithClock(off), 403, "RequestTimeTooSkewed")
	}
}

// signatureClockCorrected: the refusal's Date is enough for the SDK to sign its
// second attempt right.
func signatureClockCorrected(s *trial) {
	err := s.callAs(
		func(c *oss.Config) { c.WithRetryMaxAttempts(2) },
		func(o *oss.Options) { o.Signer = offClock{o.Signer, 3 * time.Hour} },
	)
	if err != nil {
		s.Fatalf("the second attempt: %s", brief(err))
	}
}

// presign returns the URL of a request that is signed in its query.
func (s *trial) presign(request any, valid time.Duration) *oss.PresignResult {
	s.Helper()
	res, err := s.client.Presign(s.ctx, request, oss.PresignExpiration(time.Now().Add(valid)))
	if err != nil {
		s.Fatalf("presign: %s", brief(err))
	}
	return res
}

// send sends a presigned request without the SDK. A refusal is returned as the
// SDK would: an *oss.ServiceError.
func (s *trial) send(p *oss.PresignResult, body []byte) (http.Header, []byte, error) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.ctx, p.Method, p.URL, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for name, value := range p.SignedHeaders {
		req.Header.Set(name, value)
	}
	res, err := s.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode/100 != 2 {
		se := &oss.ServiceError{}
		err := xml.Unmarshal(answer, se)
		se.StatusCode = res.StatusCode
		return res.Header, answer, errors.Join(se, err)
	}
	return res.Header, answer, nil
}

// presignedWholeUpload does a whole upload without any key: every request was
// signed before.
func presignedWholeUpload(s *trial) {
	key, body := s.prefix+"object +%中", content("body", minPart)
	s.owes(key)
	_, answer, err := s.send(s.presign(&oss.InitiateMultipartUploadRequest{Bucket: s.bucket(), Key: oss.Ptr(key)}, time.Hour), nil)
	if err != nil {
		s.Fatalf("initiate: %s", brief(err))
	}
	var begun oss.InitiateMultipartUploadResult
	if err := xml.Unmarshal(answer, &begun); err != nil {
		s.Fatalf("initiate: %v in %q", err, answer)
	}
	u := upload{key, oss.ToString(begun.UploadId)}
	s.owesAbort(u)
	header, _, err := s.send(s.presign(&oss.UploadPartRequest{
		Bucket: s.bucket(), Key: oss.Ptr(key), UploadId: begun.UploadId, PartNumber: 1,
	}, time.Hour), body)
	if err != nil {
		s.Fatalf("part: %s", brief(err))
	}
	list := completeBody(oss.UploadPart{PartNumber: 1, ETag: oss.Ptr(header.Get("ETag"))})
	if _, _, err = s.send(s.presign(&oss.CompleteMultipartUploadRequest{
		Bucket: s.bucket(), Key: oss.Ptr(key), UploadId: begun.UploadId,
	}, time.Hour), []byte(list)); err != nil {
		s.Fatalf("complete: %s", brief(err))
	}
	_, got, err := s.send(s.presign(&oss.GetObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)}, time.Hour), nil)
	if err != nil {
		s.Fatalf("get: %s", brief(err))
	}
	if !bytes.Equal(got, body) {
		s.Fatalf("got %d bytes, want %d, first difference at byte %d", len(got), len(body), firstDifference(got, body))
	}
}

// presignedTampered: what a presigned URL allows is part of its signature.
func presignedTampered(s *trial) {
	u := s.initiate(s.prefix + "object")
	p := s.presignPart(u, 1, time.Hour)
	for _, change := range [][2]string{
		{"partNumber=1", "partNumber=2"},
		{"/object?", "/objekt?"},
	} {
		forged := *p
		forged.URL = strings.Replace(p.URL, change[0], change[1], 1)
		if forged.URL == p.URL {
			s.Fatalf("no %q in the presigned URL", change[0])
		}
		_, _, err := s.send(&forged, []byte("x"))
		s.wantError(err, 403, "SignatureDoesNotMatch")
	}
	s.wantParts(s.listParts(u).Parts)
}

func (s *trial) presignPart(u upload, number int32, valid time.Duration) *oss.PresignResult {
	s.Helper()
	return s.presign(&oss.UploadPartRequest{
		Bucket: s.bucket(), Key: oss.Ptr(u.key), UploadId: oss.Ptr(u.id), PartNumber: number,
	}, valid)
}

func presignedExpired(s *trial) {
	u := s.initiate(s.prefix + "object")
	var p *oss.PresignResult
	if s.target.SignatureV1 {
		p = s.presignPart(u, 1, -time.Hour) // V1 carries the time it ends
	} else {
		p = s.presignPart(u, 1, time.Hour)
		if err := s.backdate(p, u, 2*time.Hour); err != nil {
			s.Fatalf("sign again: %v", err)
		}
	}
	_, _, err := s.send(p, []byte("x"))
	s.wantError(err, 403, "AccessDenied")
	s.wantParts(s.listParts(u).Parts)
}
