package emulator

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Op names an operation of the OSS API, as in its documentation.
type Op string

// The operations the server knows. A request it cannot place has the empty Op.
const (
	OpInitiate              Op = "InitiateMultipartUpload"
	OpUploadPart            Op = "UploadPart"
	OpUploadPartCopy        Op = "UploadPartCopy"
	OpComplete              Op = "CompleteMultipartUpload"
	OpAbort                 Op = "AbortMultipartUpload"
	OpListUploads           Op = "ListMultipartUploads"
	OpListParts             Op = "ListParts"
	OpHeadObject            Op = "HeadObject"
	OpGetObject             Op = "GetObject"
	OpPutObject             Op = "PutObject"
	OpCopyObject            Op = "CopyObject"
	OpDeleteObject          Op = "DeleteObject"
	OpDeleteMultipleObjects Op = "DeleteMultipleObjects"
	OpGetObjectACL          Op = "GetObjectAcl"
	OpGetObjectTagging      Op = "GetObjectTagging"
	OpListObjects           Op = "ListObjects"
	OpListObjectsV2         Op = "ListObjectsV2"
	OpListBuckets           Op = "ListBuckets"
	OpPutBucket             Op = "PutBucket"
	OpDeleteBucket          Op = "DeleteBucket"
	OpGetBucketInfo         Op = "GetBucketInfo"
	OpGetBucketLocation     Op = "GetBucketLocation"
)

// allOps are the operations a fault can be aimed at.
var allOps = []Op{OpInitiate, OpUploadPart, OpUploadPartCopy, OpComplete, OpAbort, OpListUploads, OpListParts, OpHeadObject,
	OpGetObject, OpPutObject, OpCopyObject, OpDeleteObject, OpDeleteMultipleObjects, OpGetObjectACL, OpGetObjectTagging,
	OpListObjects, OpListObjectsV2, OpListBuckets, OpPutBucket, OpDeleteBucket, OpGetBucketInfo, OpGetBucketLocation}

// route is what the request line and the host say: the operation and its object.
type route struct {
	op          Op
	bucket, key string
	uploadID    string
	partNumber  int    // 0 when absent or out of range
	partText    string // as sent
}

// routeOf places a request. Query parameters are looked up by name, never by position: SDKs send them in map order.
func (s *Server) routeOf(r *http.Request, query url.Values) route {
	var rt route
	rt.bucket, rt.key = s.splitAddress(r)
	rt.uploadID = query.Get("uploadId")
	rt.partText = query.Get("partNumber")
	if n, err := strconv.Atoi(rt.partText); err == nil && n >= 1 && n <= maxPartNumber {
		rt.partNumber = n
	}
	switch {
	case rt.bucket == "":
		if r.Method == http.MethodGet {
			rt.op = OpListBuckets
		}
	case rt.key == "":
		rt.op = bucketOp(r.Method, query)
	default:
		rt.op = objectOp(r, query)
	}
	return rt
}

// splitAddress takes bucket and key from a virtual-host style address (bucket.domain/key) or else from a path style one
// (/bucket/key), which is what a literal IP address leaves to a client.
func (s *Server) splitAddress(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	for _, domain := range []string{s.domain, "localhost"} {
		if domain == "" {
			continue
		}
		if name, found := strings.CutSuffix(host, "."+domain); found && name != "" {
			return name, path
		}
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func bucketOp(method string, query url.Values) Op {
	switch {
	case hasAny(query, unsupportedBucketQueries):
		return ""
	case method == http.MethodPut:
		return OpPutBucket
	case method == http.MethodDelete:
		return OpDeleteBucket
	case method == http.MethodPost && query.Has("delete"):
		return OpDeleteMultipleObjects
	case method != http.MethodGet:
		return ""
	case query.Has("uploads"):
		return OpListUploads
	case query.Has("bucketInfo"):
		return OpGetBucketInfo
	case query.Has("location"):
		return OpGetBucketLocation
	case query.Get("list-type") == "2":
		return OpListObjectsV2
	}
	return OpListObjects
}

// unsupportedBucketQueries name settings of a bucket; without this list a request for one would be mistaken for the creation,
// the removal or a plain list of the bucket.
var unsupportedBucketQueries = []string{"acl", "stat", "cors", "lifecycle", "logging", "policy", "referer", "tagging",
	"versioning", "versions", "website", "encryption", "inventory", "replication", "worm"}

func objectOp(r *http.Request, query url.Values) Op {
	copying := r.Header.Get("X-Oss-Copy-Source") != ""
	switch r.Method {
	case http.MethodPost:
		switch {
		case query.Has("uploads"):
			return OpInitiate
		case query.Has("uploadId"):
			return OpComplete
		}
	case http.MethodPut:
		switch {
		case query.Has("uploadId") || query.Has("partNumber"):
			if copying {
				return OpUploadPartCopy
			}
			return OpUploadPart
		case hasAny(query, []string{"acl", "tagging", "symlink"}):
			return ""
		case copying:
			return OpCopyObject
		}
		return OpPutObject
	case http.MethodGet:
		switch {
		case query.Has("uploadId"):
			return OpListParts
		case query.Has("acl"):
			return OpGetObjectACL
		case query.Has("tagging"):
			return OpGetObjectTagging
		}
		return OpGetObject
	case http.MethodHead:
		return OpHeadObject
	case http.MethodDelete:
		switch {
		case query.Has("uploadId"):
			return OpAbort
		case query.Has("tagging"):
			return ""
		}
		return OpDeleteObject
	}
	return ""
}

func hasAny(query url.Values, names []string) bool {
	for _, name := range names {
		if query.Has(name) {
			return true
		}
	}
	return false
}

// validBucketName: 3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends.
func validBucketName(name string) bool {
	if len(name) < 3 || len(name) > 63 {
		return false
	}
	for i := range len(name) {
		c := name[i]
		alphanumeric := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !alphanumeric && (c != '-' || i == 0 || i == len(name)-1) {
			return false
		}
	}
	return true
}

// validObjectName: 1 to 1023 bytes of UTF-8 that begin with neither / nor \.
func validObjectName(key string) bool {
	return len(key) >= 1 && len(key) <= 1023 && key[0] != '/' && key[0] != '\\' && utf8.ValidString(key)
}
