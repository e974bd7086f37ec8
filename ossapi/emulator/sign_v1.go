package emulator

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"sort"
	"strings"
)

// subresourcesV1 are the query parameters a V1 signature covers, beside every x-oss-*.
var subresourcesV1 = map[string]bool{
	"acl": true, "append": true, "bucketInfo": true, "callback": true, "callback-var": true, "cloudboxes": true, "cname": true,
	"comp": true, "continuation-token": true, "cors": true, "delete": true, "encryption": true, "endTime": true, "img": true,
	"inventory": true, "inventoryId": true, "lifecycle": true, "live": true, "location": true, "logging": true, "objectMeta": true,
	"partNumber": true, "policy": true, "position": true, "qos": true, "qosInfo": true, "referer": true, "regionList": true,
	"replication": true, "replicationLocation": true, "replicationProgress": true, "requestPayment": true,
	"response-cache-control": true, "response-content-disposition": true, "response-content-encoding": true,
	"response-content-language": true, "response-content-type": true, "response-expires": true, "restore": true,
	"security-token": true, "sequential": true, "startTime": true, "stat": true, "status": true, "style": true, "styleName": true,
	"symlink": true, "tagging": true, "uploadId": true, "uploads": true, "versionId": true, "versioning": true, "versions": true,
	"vod": true, "website": true, "worm": true, "wormExtend": true, "wormId": true,
}

// verifyV1Header verifies "OSS ID:SIGNATURE".
func (ex *exchange) verifyV1Header(authorization string) error {
	id, given, found := strings.Cut(strings.TrimPrefix(authorization, "OSS "), ":")
	if !found || id == "" || given == "" {
		return errInvalidAuthorization("Authorization", authorization)
	}
	at, ok := ex.requestTime()
	if !ok {
		return errAccessDenied("OSS authentication requires a valid Date.", "")
	}
	if err := ex.checkSkew(at); err != nil {
		return err
	}
	return ex.verifyV1(id, given, ex.r.Header.Get("Date"))
}

// verifyV1Query verifies a presigned request: the time of its end stands where the date was.
func (ex *exchange) verifyV1Query() error {
	q := ex.query
	until, ok := parseUnix(q.Get("Expires"))
	if !ok {
		return errAccessDenied("Invalid date (should be seconds since epoch)", "0002-00000070")
	}
	if err := ex.checkExpiry(until); err != nil {
		return err
	}
	return ex.verifyV1(q.Get("OSSAccessKeyId"), q.Get("Signature"), q.Get("Expires"))
}

func (ex *exchange) verifyV1(id, given, date string) error {
	secret, err := ex.secretOf(id)
	if err != nil {
		return err
	}
	toSign := ex.stringToSignV1(date)
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(toSign))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return checkSignature(id, given, want, toSign, "")
}

func (ex *exchange) stringToSignV1(date string) string {
	header := ex.r.Header
	var b strings.Builder
	for _, line := range []string{ex.r.Method, header.Get("Content-MD5"), header.Get("Content-Type"), date} {
		b.WriteString(line + "\n")
	}
	values := make(map[string][]string)
	for name, v := range header {
		values[strings.ToLower(name)] = v
	}
	for _, name := range sortedNames(values, func(name string) bool { return strings.HasPrefix(name, "x-oss-") }) {
		b.WriteString(name + ":" + signedHeader(values[name]) + "\n")
	}
	b.WriteString(ex.resource())
	var parameters []string
	for name := range ex.query {
		if subresourcesV1[name] || strings.HasPrefix(name, "x-oss-") {
			parameters = append(parameters, name)
		}
	}
	sort.Strings(parameters)
	for i, name := range parameters {
		b.WriteByte("?&"[min(i, 1)])
		b.WriteString(name)
		if value := ex.query.Get(name); value != "" {
			b.WriteString("=" + value)
		}
	}
	return b.String()
}
