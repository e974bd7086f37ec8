package ossapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// UploadPartRequest is one part and its bytes.
type UploadPartRequest struct {
	Upload
	PartNumber int // 1 to 10000
	// Body gives exactly Size bytes and then io.EOF. Give every attempt a
	// fresh one; it is neither seeked nor closed, and not read any more once
	// the call has returned. For that the call waits for a Read under way, so
	// a Read that waits for something must end when the call's context does.
	Body         io.Reader
	Size         int64  // bytes
	ContentMD5   string // base64 of the body's MD5; empty: the server does not verify the body
	TrafficLimit int64  // bit/s that the server limits this call to, 245760 to 838860800; 0: none
}

// UploadedPart is what the server says of a part it has stored.
type UploadedPart struct {
	PartNumber int
	ETag       string // without quotes
	CRC64      uint64 // CRC-64/ECMA of the part's bytes
	HasCRC64   bool   // false: the server sent none
	RequestID  string
}

// UploadPart sends one part; a part of the same number that the upload had is
// replaced. Nothing is compared here: check CRC64 against the bytes read.
//
// A body that is shorter or longer than Size, or fails to be read, is a
// KindLocal error, and the server does not get the whole part. A part of an
// upload that was completed or aborted is KindGone.
func (c *Client) UploadPart(ctx context.Context, r UploadPartRequest) (UploadedPart, error) {
	k := call{
		op: "upload part", name: opUploadPart, method: http.MethodPut,
		bucket: r.Bucket, key: r.Key, uploadID: r.UploadID, partNumber: r.PartNumber,
		params:  map[string]string{"partNumber": strconv.Itoa(r.PartNumber), "uploadId": r.UploadID},
		headers: bodyHeaders(nil, r.ContentMD5, r.TrafficLimit),
		body:    r.Body, size: r.Size,
	}
	err := checkUpload(r.Upload)
	switch {
	case err != nil:
	case r.PartNumber < 1 || r.PartNumber > maxPartNumber:
		err = fmt.Errorf("the part number is %d: 1 to %d are allowed", r.PartNumber, maxPartNumber)
	case r.Body == nil:
		err = fmt.Errorf("the part has no body")
	}
	if err != nil {
		return UploadedPart{}, c.localError(k, KindRequest, err)
	}
	stored, err := c.store(ctx, k)
	if err != nil {
		return UploadedPart{}, err
	}
	return UploadedPart{
		PartNumber: r.PartNumber, ETag: stored.ETag,
		CRC64: stored.CRC64, HasCRC64: stored.HasCRC64, RequestID: stored.RequestID,
	}, nil
}

// bodyHeaders adds to h what a request with a body may carry.
func bodyHeaders(h map[string]string, contentMD5 string, trafficLimit int64) map[string]string {
	if h == nil {
		h = make(map[string]string, 2)
	}
	h["Content-MD5"] = contentMD5
	if trafficLimit != 0 {
		h[headerTrafficLimit] = strconv.FormatInt(trafficLimit, 10)
	}
	return h
}

// store makes a call that sends a body and is answered by headers alone.
func (c *Client) store(ctx context.Context, k call) (PutResult, error) {
	got, err := c.do(ctx, k)
	if err != nil {
		return PutResult{}, err
	}
	// An ETag is what tells OSS's answer from that of a login page on the way.
	etag := unquote(got.header.Get("ETag"))
	if got.status != http.StatusOK || etag == "" {
		return PutResult{}, c.oddError(k, got, "the answer has no ETag, so it is not known to be stored")
	}
	crc, has, err := parseCRC64(got.header.Get(headerCRC64))
	if err != nil {
		return PutResult{}, c.oddError(k, got, err.Error())
	}
	return PutResult{ETag: etag, CRC64: crc, HasCRC64: has, RequestID: got.header.Get(headerRequestID)}, nil
}
