package ossapi

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// ListPartsRequest asks for the parts of an upload.
type ListPartsRequest struct {
	Upload
	PageSize         int // parts a page, 1 to 1000; 0: the server's default of 1000
	PartNumberMarker int // list only parts with a greater number
}

// PartsPage is one page of an upload's parts.
type PartsPage struct {
	Parts                []Part // ascending by number
	StorageClass         string // of the upload
	NextPartNumberMarker int
	Truncated            bool // more pages follow
}

// Part is a part the server holds.
type Part struct {
	Number       int
	Size         int64     // bytes
	ETag         string    // without quotes
	CRC64        uint64    // CRC-64/ECMA of the part's bytes
	HasCRC64     bool      // false: the server sent none
	LastModified time.Time // zero: none was sent
}

type xmlParts struct {
	StorageClass         string           `xml:"StorageClass"`
	NextPartNumberMarker int              `xml:"NextPartNumberMarker"`
	IsTruncated          bool             `xml:"IsTruncated"`
	Parts                entries[xmlPart] `xml:"Part"`
}

type xmlPart struct {
	PartNumber   int    `xml:"PartNumber"`
	LastModified string `xml:"LastModified"`
	ETag         string `xml:"ETag"`
	Size         int64  `xml:"Size"`
	HashCRC64    string `xml:"HashCrc64ecma"`
}

// ListParts lists the parts of an upload page by page. A page is fetched when
// the loop asks for it; an error is the last thing the loop gets. KindGone: the
// upload was completed or aborted. KindOddAnswer also when the pages do not
// come to an end.
func (c *Client) ListParts(ctx context.Context, r ListPartsRequest) iter.Seq2[PartsPage, error] {
	return func(yield func(PartsPage, error) bool) {
		marker := r.PartNumberMarker
		for {
			page, err := c.listPartsPage(ctx, r, marker)
			if err != nil {
				yield(PartsPage{}, err)
				return
			}
			if !yield(page, nil) || !page.Truncated {
				return
			}
			marker = page.NextPartNumberMarker
		}
	}
}

func (c *Client) listPartsPage(ctx context.Context, r ListPartsRequest, marker int) (PartsPage, error) {
	k := call{
		op: "list parts", name: opListParts, method: http.MethodGet,
		bucket: r.Bucket, key: r.Key, uploadID: r.UploadID,
		params: map[string]string{"uploadId": r.UploadID},
	}
	if r.PageSize > 0 {
		k.params["max-parts"] = strconv.Itoa(r.PageSize)
	}
	if marker > 0 {
		k.params["part-number-marker"] = strconv.Itoa(marker)
	}
	err := checkUpload(r.Upload)
	if err == nil {
		err = checkPageSize(r.PageSize)
	}
	if err != nil {
		return PartsPage{}, c.localError(k, KindRequest, err)
	}
	got, err := c.do(ctx, k)
	if err != nil {
		return PartsPage{}, err
	}
	var doc xmlParts
	if err := c.xmlAnswer(k, got, "ListPartsResult", &doc); err != nil {
		return PartsPage{}, err
	}
	page, err := doc.page(marker)
	if err != nil {
		return PartsPage{}, c.oddError(k, got, err.Error())
	}
	return page, nil
}

// page checks a page that was asked for after marker, and translates it.
func (d *xmlParts) page(marker int) (PartsPage, error) {
	page := PartsPage{
		Parts:                make([]Part, 0, len(d.Parts)),
		StorageClass:         d.StorageClass,
		NextPartNumberMarker: d.NextPartNumberMarker,
		Truncated:            d.IsTruncated,
	}
	last := marker
	for _, p := range d.Parts {
		switch {
		case p.PartNumber < 1 || p.PartNumber > maxPartNumber:
			return PartsPage{}, fmt.Errorf("the answer lists a part number %d", p.PartNumber)
		case p.PartNumber <= last:
			return PartsPage{}, fmt.Errorf("the answer lists part %d after %d", p.PartNumber, last)
		case p.Size < 0:
			return PartsPage{}, fmt.Errorf("the answer says part %d has %d bytes", p.PartNumber, p.Size)
		}
		last = p.PartNumber
		crc, has, err := parseCRC64(p.HashCRC64)
		if err != nil {
			return PartsPage{}, fmt.Errorf("part %d: %w", p.PartNumber, err)
		}
		page.Parts = append(page.Parts, Part{
			Number: p.PartNumber, Size: p.Size, ETag: unquote(p.ETag),
			CRC64: crc, HasCRC64: has, LastModified: parseTime(p.LastModified),
		})
	}
	if page.Truncated && page.NextPartNumberMarker <= marker {
		return PartsPage{}, fmt.Errorf("the list does not go on: part number marker %d leads to %d", marker, page.NextPartNumberMarker)
	}
	return page, nil
}
