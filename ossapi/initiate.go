package ossapi

import (
	"context"
	"net/http"
	"strings"
)

// maxUploadID bounds an upload id in bytes. OSS's have 32; it goes into every
// URL of the upload.
const maxUploadID = 1024

// InitiateRequest asks for a new multipart upload.
type InitiateRequest struct {
	Object
	WriteOptions
	// Sequential makes an upload that takes its parts only in order, one at a
	// time, and none twice; the object then has a plain MD5 as its ETag.
	Sequential bool
}

type xmlInitiate struct {
	UploadID string `xml:"UploadId"`
}

// Initiate begins a multipart upload and gives its upload id. It can be
// repeated, but every success makes another upload, which is billed once it
// has parts: after an error with an unknown outcome look for it in the list.
func (c *Client) Initiate(ctx context.Context, r InitiateRequest) (uploadID string, err error) {
	k := call{
		op: "initiate upload", name: opInitiate, method: http.MethodPost,
		bucket: r.Bucket, key: r.Key,
		params:  map[string]string{"uploads": ""},
		headers: r.WriteOptions.headers(r.Key),
	}
	if r.Sequential {
		k.params["sequential"] = ""
	}
	if err := checkKey(r.Key); err != nil {
		return "", c.localError(k, KindRequest, err)
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return "", err
	}
	var doc xmlInitiate
	if err := c.xmlAnswer(k, got, "InitiateMultipartUploadResult", &doc); err != nil {
		return "", err
	}
	id := doc.UploadID
	if id == "" || len(id) > maxUploadID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || unsafeRune(r) }) {
		return "", c.oddError(k, got, "the answer has no usable upload id")
	}
	return id, nil
}
