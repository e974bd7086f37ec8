package emulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	testID     = "test-id"
	testSecret = "test-secret"
	testBucket = "bucket"
)

// signing is how a test client signs.
type signing int

const (
	signV4 signing = iota
	signV1
	presignV4
	presignV1
	unsigned
)

// client is a bare OSS client, signed by the algorithm as documented and by none of the server's code.
type client struct {
	t       *testing.T
	server  *Server
	web     *httptest.Server
	http    *http.Client
	sign    signing
	id      string
	secret  string
	region  string
	now     func() time.Time
	expires time.Duration
	// additional headers are signed beside the usual ones (V4).
	additional []string
}

type request struct {
	method, bucket, key string
	query               string
	header              map[string]string
	body                []byte
	reader              io.Reader // instead of body; sent chunked
}

type response struct {
	*http.Response
	body []byte
}

// newClient starts a server with one bucket.
func newClient(t *testing.T, opt Options) *client {
	t.Helper()
	if opt.Dir == "" {
		opt.Dir = t.TempDir()
	}
	if opt.Credentials == nil {
		opt.Credentials = map[string]string{testID: testSecret}
	}
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if s.store.buckets[testBucket] == nil {
		if err := s.CreateBucket(testBucket); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); web.Close() })
	return &client{t: t, server: s, web: web, http: web.Client(), id: testID, secret: testSecret, region: "cn-hangzhou", now: time.Now,
		expires: time.Hour}
}

func (c *client) build(rq request) *http.Request {
	c.t.Helper()
	path := "/"
	if rq.bucket != "" {
		path += rq.bucket + "/" + rq.key
	}
	target := c.web.URL + (&url.URL{Path: path}).EscapedPath()
	if rq.query != "" {
		target += "?" + rq.query
	}
	var body io.Reader = bytes.NewReader(rq.body)
	if rq.reader != nil {
		body = rq.reader
	}
	hr, err := http.NewRequest(rq.method, target, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range rq.header {
		hr.Header.Set(name, value)
	}
	resource := "/"
	if rq.bucket != "" {
		resource = "/" + rq.bucket + "/" + rq.key
	}
	switch c.sign {
	case signV4:
		c.v4Header(hr, resource)
	case presignV4:
		c.v4Query(hr, resource)
	case signV1:
		hr.Header.Set("Date", c.now().UTC().Format(http.TimeFormat))
		hr.Header.Set("Authorization", "OSS "+c.id+":"+c.v1(hr, resource, hr.Header.Get("Date")))
	case presignV1:
		until := strconv.FormatInt(c.now().Add(c.expires).Unix(), 10)
		signature := c.v1(hr, resource, until)
		addQuery(hr, "Expires", until, "OSSAccessKeyId", c.id, "Signature", signature)
	}
	return hr
}

// do sends a request and reads the answer; it fails the test when there is none.
func (c *client) do(rq request) *response {
	c.t.Helper()
	res, err := c.try(rq)
	if err != nil {
		c.t.Fatalf("%s %s?%s: %v", rq.method, rq.key, rq.query, err)
	}
	return res
}

func (c *client) try(rq request) (*response, error) {
	res, err := c.http.Do(c.build(rq))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &response{res, body}, err
}

func addQuery(hr *http.Request, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if hr.URL.RawQuery != "" {
			hr.URL.RawQuery += "&"
		}
		hr.URL.RawQuery += pairs[i] + "=" + strings.ReplaceAll(url.QueryEscape(pairs[i+1]), "+", "%20")
	}
}

func (c *client) v4Header(hr *http.Request, resource string) {
	now := c.now().UTC()
	hr.Header.Set("X-Oss-Date", now.Format("20060102T150405Z"))
	hr.Header.Set("X-Oss-Content-Sha256", "UNSIGNED-PAYLOAD")
	scope := now.Format("20060102") + "/" + c.region + "/oss/aliyun_v4_request"
	signature := c.v4(hr, resource, now)
	value := "OSS4-HMAC-SHA256 Credential=" + c.id + "/" + scope
	if len(c.additional) > 0 {
		value += ",AdditionalHeaders=" + strings.Join(c.additional, ";")
	}
	hr.Header.Set("Authorization", value+",Signature="+signature)
}

func (c *client) v4Query(hr *http.Request, resource string) {
	now := c.now().UTC()
	addQuery(hr, "x-oss-signature-version", "OSS4-HMAC-SHA256",
		"x-oss-credential", c.id+"/"+now.Format("20060102")+"/"+c.region+"/oss/aliyun_v4_request",
		"x-oss-date", now.Format("20060102T150405Z"), "x-oss-expires", strconv.Itoa(int(c.expires.Seconds())))
	if len(c.additional) > 0 {
		addQuery(hr, "x-oss-additional-headers", strings.Join(c.additional, ";"))
	}
	addQuery(hr, "x-oss-signature", c.v4(hr, resource, now))
}

func (c *client) v4(hr *http.Request, resource string, now time.Time) string {
	fields := strings.Split(hr.URL.RawQuery, "&")
	slices.SortFunc(fields, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	for i, f := range fields {
		fields[i] = strings.TrimSuffix(f, "=")
	}
	var lines []string
	for name, values := range hr.Header {
		low := strings.ToLower(name)
		if low == "content-type" || low == "content-md5" || strings.HasPrefix(low, "x-oss-") || slices.Contains(c.additional, low) {
			lines = append(lines, low+":"+strings.TrimSpace(values[0])+"\n")
		}
	}
	if slices.Contains(c.additional, "host") {
		lines = append(lines, "host:"+hr.URL.Host+"\n")
	}
	sortByName(lines)
	var uri strings.Builder
	for i := range len(resource) {
		b := resource[i]
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/", b) >= 0 {
			uri.WriteByte(b)
		} else {
			fmt.Fprintf(&uri, "%%%02X", b)
		}
	}
	canonical := hr.Method + "\n" + uri.String() + "\n" + strings.Join(fields, "&") + "\n" + strings.Join(lines, "") + "\n" +
		strings.Join(c.additional, ";") + "\nUNSIGNED-PAYLOAD"
	return v4Signature(c.secret, c.region, now, canonical)
}

// sortByName sorts header lines as the names sort, which is not as the lines do: "a-b:" stands behind "a:".
func sortByName(lines []string) {
	slices.SortFunc(lines, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, ":")
		nameB, _, _ := strings.Cut(b, ":")
		return strings.Compare(nameA, nameB)
	})
}

func v4Signature(secret, region string, now time.Time, canonical string) string {
	day := now.Format("20060102")
	sum := sha256.Sum256([]byte(canonical))
	toSign := "OSS4-HMAC-SHA256\n" + now.Format("20060102T150405Z") + "\n" + day + "/" + region + "/oss/aliyun_v4_request\n" + hex.EncodeToString(sum[:])
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		io.WriteString(h, text)
		return h.Sum(nil)
	}
	key := mac(mac(mac(mac([]byte("aliyun_v4"+secret), day), region), "oss"), "aliyun_v4_request")
	return hex.EncodeToString(mac(key, toSign))
}

// v1 signs; every query parameter the tests use with it is a sub-resource but these.
func (c *client) v1(hr *http.Request, resource, date string) string {
	notSigned := []string{"prefix", "delimiter", "marker", "max-keys", "max-parts", "max-uploads", "key-marker", "upload-id-marker",
		"part-number-marker", "encoding-type", ""}
	var parts []string
	for field := range strings.SplitSeq(hr.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(field, "=")
		if slices.Contains(notSigned, name) {
			continue
		}
		if value, _ = url.QueryUnescape(value); value != "" {
			name += "=" + value
		}
		parts = append(parts, name)
	}
	slices.Sort(parts)
	if len(parts) > 0 {
		resource += "?" + strings.Join(parts, "&")
	}
	var lines []string
	for name, values := range hr.Header {
		if low := strings.ToLower(name); strings.HasPrefix(low, "x-oss-") {
			lines = append(lines, low+":"+values[0]+"\n")
		}
	}
	sortByName(lines)
	h := hmac.New(sha1.New, []byte(c.secret))
	io.WriteString(h, hr.Method+"\n"+hr.Header.Get("Content-MD5")+"\n"+hr.Header.Get("Content-Type")+"\n"+date+"\n"+strings.Join(lines, "")+resource)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// The calls below fail the test when the server refuses.

func (c *client) must(status int, rq request) *response {
	c.t.Helper()
	res := c.do(rq)
	if res.StatusCode != status {
		c.t.Fatalf("%s %s?%s: %s, want %d\n%s", rq.method, rq.key, rq.query, res.Status, status, res.body)
	}
	return res
}

// refused checks that a request is refused with a code and, where one is documented, an EC.
func (c *client) refused(status int, code, ec string, rq request) *response {
	c.t.Helper()
	res := c.must(status, rq)
	var doc errorDocument
	body := res.body
	if rq.method == http.MethodHead {
		body, _ = base64.StdEncoding.DecodeString(res.Header.Get("x-oss-err"))
	}
	if err := xml.Unmarshal(body, &doc); err != nil {
		c.t.Fatalf("error body: %v\n%s", err, body)
	}
	if doc.Code != code || doc.EC != ec {
		c.t.Fatalf("%s %s?%s: code %q EC %q, want %q %q\n%s", rq.method, rq.key, rq.query, doc.Code, doc.EC, code, ec, body)
	}
	if doc.RequestId != res.Header.Get("x-oss-request-id") || len(doc.RequestId) != 24 || doc.HostId == "" || doc.Message == "" {
		c.t.Fatalf("error is incomplete: %s", body)
	}
	return res
}

type errorDocument struct {
	XMLName                            xml.Name `xml:"Error"`
	Code, Message, RequestId           string
	HostId, EC, StringToSign, PartEtag string
	ServerTime, PartNumber             string
}

func (c *client) initiate(key string, header ...string) string {
	c.t.Helper()
	res := c.must(200, request{method: "POST", bucket: testBucket, key: key, query: "encoding-type=url&uploads", header: pairs(header)})
	var doc struct{ Bucket, Key, UploadId, EncodingType string }
	decode(c.t, res.body, &doc)
	if doc.Bucket != testBucket || unescape(doc.EncodingType, doc.Key) != key || len(doc.UploadId) != 32 {
		c.t.Fatalf("initiate answered %+v", doc)
	}
	return doc.UploadId
}

func partRequest(key, id string, number int, body []byte) request {
	return request{method: "PUT", bucket: testBucket, key: key, query: fmt.Sprintf("partNumber=%d&uploadId=%s", number, id), body: body}
}

// part uploads a part and returns its ETag.
func (c *client) part(key, id string, number int, body []byte) string {
	c.t.Helper()
	return c.must(200, partRequest(key, id, number, body)).Header.Get("ETag")
}

func completeRequest(key, id string, body []byte, header ...string) request {
	return request{method: "POST", bucket: testBucket, key: key, query: "uploadId=" + id, body: body, header: pairs(header)}
}

// partList writes the body of a Complete from numbers and ETags in turn.
func partList(numbersAndETags ...any) []byte {
	var b strings.Builder
	b.WriteString("<CompleteMultipartUpload>")
	for i := 0; i < len(numbersAndETags); i += 2 {
		fmt.Fprintf(&b, "<Part><PartNumber>%v</PartNumber><ETag>", numbersAndETags[i])
		xml.EscapeText(&b, []byte(numbersAndETags[i+1].(string)))
		b.WriteString("</ETag></Part>")
	}
	b.WriteString("</CompleteMultipartUpload>")
	return []byte(b.String())
}

func (c *client) get(key string, header ...string) *response {
	c.t.Helper()
	return c.do(request{method: "GET", bucket: testBucket, key: key, header: pairs(header)})
}

func (c *client) put(key string, body []byte, header ...string) *response {
	c.t.Helper()
	return c.must(200, request{method: "PUT", bucket: testBucket, key: key, body: body, header: pairs(header)})
}

func pairs(list []string) map[string]string {
	m := make(map[string]string)
	for i := 0; i+1 < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

func decode(t *testing.T, body []byte, into any) {
	t.Helper()
	if err := xml.Unmarshal(body, into); err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
}

// pattern makes n bytes that differ from those of any other seed.
func pattern(seed byte, n int) []byte {
	b := make([]byte, n)
	state := uint32(seed) + 1
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return b
}

func etagOf(b []byte) string { return fmt.Sprintf(`"%X"`, md5.Sum(b)) }

func md5Of(b []byte) string {
	sum := md5.Sum(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func crcOf(b []byte) string {
	return strconv.FormatUint(crc64.Checksum(b, crc64.MakeTable(crc64.ECMA)), 10)
}
