package ossapi

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// ListUploadsRequest asks for the unfinished uploads of a bucket.
type ListUploadsRequest struct {
	Bucket         string
	Prefix         string // of the keys
	Delimiter      string // "/" lists one folder level; deeper keys become CommonPrefixes
	KeyMarker      string // list keys after this one
	UploadIDMarker string // with KeyMarker: also that key's uploads with a greater id
	PageSize       int    // 1 to 1000; 0: the server's default of 1000
}

// UploadsPage is one page of a bucket's unfinished uploads. It can be empty and
// yet be Truncated.
type UploadsPage struct {
	Uploads            []ListedUpload // ascending by key
	CommonPrefixes     []string
	NextKeyMarker      string
	NextUploadIDMarker string
	Truncated          bool // more pages follow
}

// ListedUpload is an unfinished upload. The key can hold any character.
type ListedUpload struct {
	Key, UploadID string
	StorageClass  string
	Initiated     time.Time // zero: none was sent
}

type xmlUploads struct {
	EncodingType       string             `xml:"EncodingType"`
	NextKeyMarker      string             `xml:"NextKeyMarker"`
	NextUploadIDMarker string             `xml:"NextUploadIdMarker"`
	IsTruncated        bool               `xml:"IsTruncated"`
	Uploads            entries[xmlUpload] `xml:"Upload"`
	CommonPrefixes     entries[xmlPrefix] `xml:"CommonPrefixes"`
}

type xmlUpload struct {
	Key          string `xml:"Key"`
	UploadID     string `xml:"UploadId"`
	StorageClass string `xml:"StorageClass"`
	Initiated    string `xml:"Initiated"`
}

// xmlPrefix holds a list because OSS has been seen to put several prefixes
// into one element.
type xmlPrefix struct {
	Prefix entries[string] `xml:"Prefix"`
}

// ListUploads lists the unfinished uploads of a bucket page by page. A page is
// fetched when the loop asks for it; an error is the last thing the loop gets.
// KindOddAnswer also when the pages do not come to an end.
func (c *Client) ListUploads(ctx context.Context, r ListUploadsRequest) iter.Seq2[UploadsPage, error] {
	return func(yield func(UploadsPage, error) bool) {
		at := uploadsMarker{key: r.KeyMarker, uploadID: r.UploadIDMarker}
		for {
			page, err := c.listUploadsPage(ctx, r, &at)
			if err != nil {
				yield(UploadsPage{}, err)
				return
			}
			if !yield(page, nil) || !page.Truncated {
				return
			}
		}
	}
}

// uploadsMarker is a place in the list of uploads.
type uploadsMarker struct {
	key, uploadID string
	seen          map[string]bool // upload ids the list has been at within key
}

// advance moves to the next page's place, which must lie further on. Keys
// ascend by their bytes. The ids within one key must only differ: servers that
// are like OSS order them by age.
func (m *uploadsMarker) advance(key, uploadID string) error {
	switch {
	case key > m.key:
		m.seen = nil
	case key < m.key || uploadID == m.uploadID || m.seen[uploadID]:
		return fmt.Errorf("the list does not go on: key marker %q, upload id marker %q leads to %q, %q",
			cut(m.key, maxCode), cut(m.uploadID, maxCode), cut(key, maxCode), cut(uploadID, maxCode))
	default:
		if m.seen == nil {
			m.seen = make(map[string]bool)
		}
		m.seen[m.uploadID] = true
	}
	m.key, m.uploadID = key, uploadID
	return nil
}

// listUploadsPage gets the page at a place, and moves the place on.
func (c *Client) listUploadsPage(ctx context.Context, r ListUploadsRequest, at *uploadsMarker) (UploadsPage, error) {
	k := call{
		op: "list uploads", name: opListUploads, method: http.MethodGet, bucket: r.Bucket,
		params: map[string]string{"uploads": "", "encoding-type": "url"},
	}
	for name, value := range map[string]string{
		"prefix": r.Prefix, "delimiter": r.Delimiter, "key-marker": at.key, "upload-id-marker": at.uploadID,
	} {
		if value != "" {
			k.params[name] = value
		}
	}
	if r.PageSize > 0 {
		k.params["max-uploads"] = strconv.Itoa(r.PageSize)
	}
	if err := checkPageSize(r.PageSize); err != nil {
		return UploadsPage{}, c.localError(k, KindRequest, err)
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return UploadsPage{}, err
	}
	var doc xmlUploads
	if err := c.xmlAnswer(k, got, "ListMultipartUploadsResult", &doc); err != nil {
		return UploadsPage{}, err
	}
	page, err := doc.page()
	if err == nil && page.Truncated {
		err = at.advance(page.NextKeyMarker, page.NextUploadIDMarker)
	}
	if err != nil {
		return UploadsPage{}, c.oddError(k, got, err.Error())
	}
	return page, nil
}

// page translates a page.
func (d *xmlUploads) page() (UploadsPage, error) {
	page := UploadsPage{
		Uploads:            make([]ListedUpload, 0, len(d.Uploads)),
		NextUploadIDMarker: d.NextUploadIDMarker,
		Truncated:          d.IsTruncated,
	}
	var err error
	if page.NextKeyMarker, err = decodeName(d.NextKeyMarker, d.EncodingType); err != nil {
		return UploadsPage{}, err
	}
	for _, u := range d.Uploads {
		key, err := decodeName(u.Key, d.EncodingType)
		if err != nil {
			return UploadsPage{}, err
		}
		if key == "" || u.UploadID == "" {
			return UploadsPage{}, fmt.Errorf("the answer lists an upload without a key or an id")
		}
		page.Uploads = append(page.Uploads, ListedUpload{
			Key: key, UploadID: u.UploadID, StorageClass: u.StorageClass, Initiated: parseTime(u.Initiated),
		})
	}
	for _, element := range d.CommonPrefixes {
		for _, encoded := range element.Prefix {
			prefix, err := decodeName(encoded, d.EncodingType)
			if err != nil {
				return UploadsPage{}, err
			}
			page.CommonPrefixes = append(page.CommonPrefixes, prefix)
		}
	}
	return page, nil
}
