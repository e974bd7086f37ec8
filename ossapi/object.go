package ossapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// OSS's names of the operations.
const (
	opInitiate    = "InitiateMultipartUpload"
	opUploadPart  = "UploadPart"
	opListParts   = "ListParts"
	opListUploads = "ListMultipartUploads"
	opComplete    = "CompleteMultipartUpload"
	opAbort       = "AbortMultipartUpload"
	opHead        = "HeadObject"
	opPut         = "PutObject"
	opListBuckets = "ListBuckets"
)

const (
	maxKey        = 1023 // bytes
	maxPartNumber = 10000
	maxPage       = 1000
	metaPrefix    = "X-Oss-Meta-"
)

// Object names an object.
type Object struct {
	Bucket, Key string
}

// String gives oss://bucket/key, escaped so that it fits on one line.
func (o Object) String() string { return escape("oss://" + o.Bucket + "/" + o.Key) }

// Upload names a multipart upload.
type Upload struct {
	Bucket, Key, UploadID string
}

// String gives oss://bucket/key (upload id ...), escaped so that it fits on one line.
func (u Upload) String() string {
	return escape("oss://" + u.Bucket + "/" + u.Key + " (upload id " + u.UploadID + ")")
}

// WriteOptions say how an object is stored. For a multipart upload they are
// fixed when it is initiated and cannot be changed later. Empty fields are not
// sent.
type WriteOptions struct {
	ContentType        string            // empty: by the key's extension, else application/octet-stream
	CacheControl       string            // as the object is to be served with, like the three below
	ContentDisposition string            //
	ContentEncoding    string            //
	Expires            string            // an HTTP date
	StorageClass       string            // Standard, IA, Archive, ColdArchive, DeepColdArchive
	ACL                string            // default, private, public-read, public-read-write; Initiate ignores it: OSS takes it at Complete
	SSE                string            // server-side encryption: AES256, KMS, SM4
	SSEKeyID           string            // id of the KMS key
	Metadata           map[string]string // names without the x-oss-meta- prefix; OSS keeps them in lower case; an empty value is not sent
	Tags               map[string]string // at most 10
	ForbidOverwrite    bool              // the call fails with KindConflict when the object exists
}

// headers gives the request headers of the options, without the ACL.
func (w WriteOptions) headers(key string) map[string]string {
	h := map[string]string{
		"Content-Type":                        w.ContentType,
		"Cache-Control":                       w.CacheControl,
		"Content-Disposition":                 w.ContentDisposition,
		"Content-Encoding":                    w.ContentEncoding,
		"Expires":                             w.Expires,
		"X-Oss-Storage-Class":                 w.StorageClass,
		"X-Oss-Server-Side-Encryption":        w.SSE,
		"X-Oss-Server-Side-Encryption-Key-Id": w.SSEKeyID,
		"X-Oss-Tagging":                       encodeTags(w.Tags),
	}
	if w.ContentType == "" {
		h["Content-Type"] = ContentTypeOf(key)
	}
	if w.ForbidOverwrite {
		h[headerForbidOverwrite] = "true"
	}
	for name, value := range w.Metadata {
		h[metaPrefix+name] = value
	}
	return h
}

const (
	headerForbidOverwrite = "X-Oss-Forbid-Overwrite"
	headerObjectACL       = "X-Oss-Object-Acl"
	headerTrafficLimit    = "X-Oss-Traffic-Limit" // bit/s
)

// encodeTags gives tags as OSS takes them in a header: k1=v1&k2=v2, URL-encoded,
// with %20 for a space because OSS takes "+" for a plus sign there.
func encodeTags(tags map[string]string) string {
	pairs := make([]string, 0, len(tags))
	for name, value := range tags {
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	slices.Sort(pairs)
	return strings.ReplaceAll(strings.Join(pairs, "&"), "+", "%20")
}

// checkKey finds a key that cannot name an object.
func checkKey(key string) error {
	if key == "" {
		return fmt.Errorf("the key is empty")
	}
	return nil
}

// checkUpload finds an upload that cannot exist.
func checkUpload(u Upload) error {
	if u.UploadID == "" {
		return fmt.Errorf("the upload id is empty")
	}
	return checkKey(u.Key)
}

// checkPageSize finds a page size that OSS refuses.
func checkPageSize(n int) error {
	if n < 0 || n > maxPage {
		return fmt.Errorf("the page size is %d: 1 to %d are allowed, 0 for the server's default", n, maxPage)
	}
	return nil
}
