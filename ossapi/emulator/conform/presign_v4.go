package conform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// backdate signs the presigned URL of a request on u again as if it had been
// made some time ago. The SDK can only sign now, and V4 counts the life of a
// URL from its signing, so there is no other way to hold an expired one. It
// follows the published V4 algorithm for a request without signed headers.
func (s *trial) backdate(p *oss.PresignResult, u upload, ago time.Duration) error {
	const isoTime = "20060102T150405Z"
	target, err := url.Parse(p.URL)
	if err != nil {
		return fmt.Errorf("presigned URL: %w", err)
	}
	query := target.Query()
	made, err := time.Parse(isoTime, query.Get("x-oss-date"))
	if err != nil {
		return fmt.Errorf("x-oss-date of the presigned URL: %w", err)
	}
	made = made.Add(-ago)
	date := made.Format("20060102")
	scope := []string{date, s.target.Region, "oss", "aliyun_v4_request"}
	query.Set("x-oss-date", made.Format(isoTime))
	query.Set("x-oss-credential", s.target.AccessKeyID+"/"+strings.Join(scope, "/"))
	query.Del("x-oss-signature")

	canonical := strings.Join([]string{
		p.Method,
		escapePath("/" + s.target.Bucket + "/" + u.key),
		escapedQuery(query), // Encode sorts by name
		"",                  // no header is signed
		"",                  // nor an additional one
		"UNSIGNED-PAYLOAD",
	}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{
		"OSS4-HMAC-SHA256", made.Format(isoTime), strings.Join(scope, "/"), hex.EncodeToString(digest[:]),
	}, "\n")
	key := []byte("aliyun_v4" + s.target.AccessKeySecret)
	for _, step := range append(scope, toSign) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(step))
		key = mac.Sum(nil)
	}
	query.Set("x-oss-signature", hex.EncodeToString(key))
	target.RawQuery = escapedQuery(query)
	p.URL = target.String()
	return nil
}

// escapedQuery writes a query sorted by name, with a space as %20.
func escapedQuery(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// escapePath escapes all but unreserved characters and slashes.
func escapePath(path string) string {
	elements := strings.Split(path, "/")
	for i, e := range elements {
		elements[i] = strings.ReplaceAll(url.QueryEscape(e), "+", "%20")
	}
	return strings.Join(elements, "/")
}
