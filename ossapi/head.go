package ossapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ObjectInfo is what the server says of an object.
type ObjectInfo struct {
	Size         int64     // bytes
	ETag         string    // without quotes
	CRC64        uint64    // CRC-64/ECMA of the object's bytes
	HasCRC64     bool      // false: the server sent none
	LastModified time.Time // zero: none was sent
	Type         string    // Normal, Multipart, Appendable, Symlink
	ContentType  string
	StorageClass string
	Metadata     map[string]string // names in lower case, without the x-oss-meta- prefix
	ServerTime   time.Time         // zero: none was sent
}

// Head describes an object. KindNotFound: there is none, or no such bucket,
// which Error.Code tells apart when the server says so.
func (c *Client) Head(ctx context.Context, o Object) (ObjectInfo, error) {
	k := call{op: "head object", name: opHead, method: http.MethodHead, bucket: o.Bucket, key: o.Key}
	if err := checkKey(o.Key); err != nil {
		return ObjectInfo{}, c.localError(k, KindRequest, err)
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return ObjectInfo{}, err
	}
	h := got.header
	size, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	etag := unquote(h.Get("ETag"))
	if err != nil || size < 0 || etag == "" {
		return ObjectInfo{}, c.oddError(k, got, "the answer has no size or no ETag")
	}
	crc, has, err := parseCRC64(h.Get(headerCRC64))
	if err != nil {
		return ObjectInfo{}, c.oddError(k, got, err.Error())
	}
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		modified = time.Time{}
	}
	info := ObjectInfo{
		Size: size, ETag: etag, CRC64: crc, HasCRC64: has, LastModified: modified,
		Type: h.Get("X-Oss-Object-Type"), ContentType: h.Get("Content-Type"),
		StorageClass: h.Get("X-Oss-Storage-Class"),
		Metadata:     map[string]string{}, ServerTime: serverTime(h),
	}
	for name, values := range h {
		if meta, ok := strings.CutPrefix(name, metaPrefix); ok {
			info.Metadata[strings.ToLower(meta)] = values[0]
		}
	}
	return info, nil
}
