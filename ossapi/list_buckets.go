package ossapi

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ListBucketsRequest asks for the buckets of the account.
type ListBucketsRequest struct {
	Prefix   string // of the names
	Marker   string // list buckets after this one
	PageSize int    // 1 to 1000; 0: the server's default of 100
}

// Bucket is a bucket of the account.
type Bucket struct {
	Name             string
	Region           string // "cn-hangzhou"
	Endpoint         string // public host, "oss-cn-hangzhou.aliyuncs.com"
	InternalEndpoint string // host inside the region's network
	StorageClass     string
	Created          time.Time // zero: none was sent
}

type xmlBuckets struct {
	NextMarker  string             `xml:"NextMarker"`
	IsTruncated bool               `xml:"IsTruncated"`
	Buckets     entries[xmlBucket] `xml:"Buckets>Bucket"`
}

type xmlBucket struct {
	Name             string `xml:"Name"`
	Location         string `xml:"Location"` // "oss-cn-hangzhou"
	Region           string `xml:"Region"`
	CreationDate     string `xml:"CreationDate"`
	StorageClass     string `xml:"StorageClass"`
	ExtranetEndpoint string `xml:"ExtranetEndpoint"`
	IntranetEndpoint string `xml:"IntranetEndpoint"`
}

// ListBuckets lists the account's buckets page by page, those of all regions.
// A page is fetched when the loop asks for it; an error is the last thing the
// loop gets. Many keys are not allowed to list: KindDenied.
func (c *Client) ListBuckets(ctx context.Context, r ListBucketsRequest) iter.Seq2[[]Bucket, error] {
	return func(yield func([]Bucket, error) bool) {
		marker := r.Marker
		for {
			page, next, err := c.listBucketsPage(ctx, r, marker)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || next == "" {
				return
			}
			marker = next
		}
	}
}

// listBucketsPage gets the page after marker and the marker of the next one,
// empty when it was the last.
func (c *Client) listBucketsPage(ctx context.Context, r ListBucketsRequest, marker string) ([]Bucket, string, error) {
	k := call{op: "list buckets", name: opListBuckets, method: http.MethodGet, params: map[string]string{}}
	for name, value := range map[string]string{"prefix": r.Prefix, "marker": marker} {
		if value != "" {
			k.params[name] = value
		}
	}
	if r.PageSize > 0 {
		k.params["max-keys"] = strconv.Itoa(r.PageSize)
	}
	if err := checkPageSize(r.PageSize); err != nil {
		return nil, "", c.localError(k, KindRequest, err)
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return nil, "", err
	}
	var doc xmlBuckets
	if err := c.xmlAnswer(k, got, "ListAllMyBucketsResult", &doc); err != nil {
		return nil, "", err
	}
	page := make([]Bucket, 0, len(doc.Buckets))
	for _, b := range doc.Buckets {
		region := b.Region
		if region == "" {
			region = strings.TrimPrefix(b.Location, "oss-")
		}
		page = append(page, Bucket{
			Name: b.Name, Region: region, Endpoint: b.ExtranetEndpoint, InternalEndpoint: b.IntranetEndpoint,
			StorageClass: b.StorageClass, Created: parseTime(b.CreationDate),
		})
	}
	if !doc.IsTruncated {
		return page, "", nil
	}
	if doc.NextMarker <= marker {
		return nil, "", c.oddError(k, got, fmt.Sprintf("the list does not go on: marker %q leads to %q",
			cut(marker, maxCode), cut(doc.NextMarker, maxCode)))
	}
	return page, doc.NextMarker, nil
}
