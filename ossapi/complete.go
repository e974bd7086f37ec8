package ossapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// CompleteRequest asks to make the object of an upload's parts.
type CompleteRequest struct {
	Upload
	Parts           []CompletePart // in any order; not changed
	ACL             string         // of the object; empty: the bucket's
	ForbidOverwrite bool           // fail with KindConflict when the object exists
}

// CompletePart names one part the object is made of.
type CompletePart struct {
	Number int
	ETag   string // as UploadPart or ListParts gave it
}

// CompleteResult is what the server says of the object it has made.
type CompleteResult struct {
	ETag       string // without quotes; of a multipart object it is no MD5
	CRC64      uint64 // CRC-64/ECMA of the whole object
	HasCRC64   bool   // false: the server sent none
	VersionID  string // empty: the bucket keeps no versions
	RequestID  string
	ServerTime time.Time // zero: none was sent
}

type xmlComplete struct {
	XMLName xml.Name          `xml:"CompleteMultipartUpload"`
	Parts   []xmlCompletePart `xml:"Part"`
}

type xmlCompletePart struct {
	PartNumber int    `xml:"PartNumber"`
	ETag       string `xml:"ETag"`
}

type xmlCompleted struct {
	ETag string `xml:"ETag"`
}

// Complete makes the object of the parts. The answer may take up to
// Options.CompleteTimeout.
//
// Only an answer that says success with the document OSS sends then is a
// success. Of the errors three kinds leave open whether the object was made,
// because OSS goes on when the connection is lost: KindTemporary, KindOddAnswer
// and KindCanceled; KindGone is a fourth when an earlier attempt may have
// succeeded. Compare the object by [Client.Head] then. An error with the code
// CallbackFailed (status 203) means that the object was made and only the
// callback that the bucket's owner set up went wrong; it is a KindOddAnswer
// like the others, since the comparison gives the right result.
func (c *Client) Complete(ctx context.Context, r CompleteRequest) (CompleteResult, error) {
	k := call{
		op: "complete upload", name: opComplete, method: http.MethodPost,
		bucket: r.Bucket, key: r.Key, uploadID: r.UploadID,
		params:  map[string]string{"uploadId": r.UploadID},
		silence: c.completeTimeout,
	}
	err := checkUpload(r.Upload)
	if err != nil {
		return CompleteResult{}, c.localError(k, KindRequest, err)
	}
	body, err := completeBody(r.Parts)
	if err != nil {
		return CompleteResult{}, c.localError(k, KindPartList, err)
	}
	sum := md5.Sum(body)
	k.body, k.size = bytes.NewReader(body), int64(len(body))
	k.headers = map[string]string{
		"Content-Type":  "application/xml",
		"Content-MD5":   base64.StdEncoding.EncodeToString(sum[:]),
		headerObjectACL: r.ACL,
	}
	if r.ForbidOverwrite {
		k.headers[headerForbidOverwrite] = "true"
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return CompleteResult{}, err
	}
	var doc xmlCompleted
	if err := c.xmlAnswer(k, got, "CompleteMultipartUploadResult", &doc); err != nil {
		return CompleteResult{}, err
	}
	crc, has, err := parseCRC64(got.header.Get(headerCRC64))
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("the status is %d, not %d", got.status, http.StatusOK)
	}
	if err != nil {
		return CompleteResult{}, c.oddError(k, got, err.Error())
	}
	return CompleteResult{
		ETag:       unquote(cmp.Or(doc.ETag, got.header.Get("ETag"))),
		CRC64:      crc,
		HasCRC64:   has,
		VersionID:  got.header.Get("X-Oss-Version-Id"),
		RequestID:  got.header.Get(headerRequestID),
		ServerTime: serverTime(got.header),
	}, nil
}

// completeBody gives the document that lists the parts, ascending by number as
// OSS demands.
func completeBody(parts []CompletePart) ([]byte, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("no parts are given")
	}
	list := xmlComplete{Parts: make([]xmlCompletePart, len(parts))}
	for i, p := range parts {
		if p.Number < 1 || p.Number > maxPartNumber {
			return nil, fmt.Errorf("the part number is %d: 1 to %d are allowed", p.Number, maxPartNumber)
		}
		if p.ETag == "" || strings.ContainsFunc(p.ETag, unsafeRune) {
			return nil, fmt.Errorf("part %d has no usable ETag: %q", p.Number, p.ETag)
		}
		list.Parts[i] = xmlCompletePart{PartNumber: p.Number, ETag: `"` + unquote(p.ETag) + `"`}
	}
	slices.SortFunc(list.Parts, func(a, b xmlCompletePart) int { return cmp.Compare(a.PartNumber, b.PartNumber) })
	for i := 1; i < len(list.Parts); i++ {
		if list.Parts[i].PartNumber == list.Parts[i-1].PartNumber {
			return nil, fmt.Errorf("part %d is given twice", list.Parts[i].PartNumber)
		}
	}
	return xml.Marshal(list)
}
