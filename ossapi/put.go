package ossapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// PutRequest is an object and its bytes, stored in one call.
type PutRequest struct {
	Object
	WriteOptions
	Body         io.Reader // as in UploadPartRequest
	Size         int64     // bytes, at most 5 GiB
	ContentMD5   string    // base64 of the body's MD5; empty: the server does not verify the body
	TrafficLimit int64     // bit/s that the server limits this call to; 0: none
}

// PutResult is what the server says of the object it has stored.
type PutResult struct {
	ETag      string // without quotes
	CRC64     uint64 // CRC-64/ECMA of the object's bytes
	HasCRC64  bool   // false: the server sent none
	RequestID string
}

// Put stores an object in one call. As with UploadPart nothing is compared
// here, and a body of another length than Size is a KindLocal error.
func (c *Client) Put(ctx context.Context, r PutRequest) (PutResult, error) {
	k := call{
		op: "put object", name: opPut, method: http.MethodPut,
		bucket: r.Bucket, key: r.Key,
		headers: bodyHeaders(r.WriteOptions.headers(r.Key), r.ContentMD5, r.TrafficLimit),
		body:    r.Body, size: r.Size,
	}
	k.headers[headerObjectACL] = r.ACL
	err := checkKey(r.Key)
	if err == nil && r.Body == nil {
		err = fmt.Errorf("the object has no body")
	}
	if err != nil {
		return PutResult{}, c.localError(k, KindRequest, err)
	}
	return c.store(ctx, k)
}
