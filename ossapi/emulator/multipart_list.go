package emulator

import (
	"encoding/xml"
	"slices"
	"sort"
	"strconv"
	"strings"
)

type commonPrefixXML struct{ Prefix string }

// pageSize reads the size of a page, which OSS limits to 1000.
func (ex *exchange) pageSize(name string, standard int) (int, error) {
	text := ex.query.Get(name)
	if text == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxPage {
		return 0, errInvalidArgument("Argument "+name+" must be an integer between 0 and 1000.", name, text)
	}
	return n, nil
}

type uploadXML struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	StorageClass string
	Initiated    string
}

func (ex *exchange) listUploads() (*reply, error) {
	limit, err := ex.pageSize("max-uploads", maxPage)
	if err != nil {
		return nil, err
	}
	q := ex.query
	prefix, delimiter, marker, idMarker := q.Get("prefix"), q.Get("delimiter"), q.Get("key-marker"), q.Get("upload-id-marker")
	if marker == "" {
		idMarker = "" // it is heeded only beside a key marker
	}
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	b, err := ex.store.bucket(ex.bucket)
	if err != nil {
		return nil, err
	}
	all := b.uploads.items
	pg := paginate(len(all), func(i int) string { return all[i].Key }, pageQuery{
		start: uploadsAfter(all, marker, idMarker), marker: marker, prefix: prefix, delimiter: delimiter, max: limit,
	})
	doc := struct {
		XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
		EncodingType       string   `xml:",omitempty"`
		Bucket             string
		KeyMarker          string
		UploadIDMarker     string `xml:"UploadIdMarker"`
		NextKeyMarker      string
		NextUploadIDMarker string `xml:"NextUploadIdMarker"`
		Delimiter          string
		Prefix             string
		MaxUploads         int
		IsTruncated        bool
		Upload             []uploadXML
		CommonPrefixes     []commonPrefixXML
	}{
		EncodingType: ex.encodingType(), Bucket: ex.bucket, KeyMarker: ex.encode(marker), UploadIDMarker: idMarker,
		Delimiter: ex.encode(delimiter), Prefix: ex.encode(prefix), MaxUploads: limit, IsTruncated: pg.truncated,
	}
	for _, e := range pg.entries {
		doc.NextKeyMarker, doc.NextUploadIDMarker = ex.encode(e.prefix), ""
		if e.item < 0 {
			doc.CommonPrefixes = append(doc.CommonPrefixes, commonPrefixXML{ex.encode(e.prefix)})
			continue
		}
		u := all[e.item]
		doc.NextKeyMarker, doc.NextUploadIDMarker = ex.encode(u.Key), u.UploadID
		doc.Upload = append(doc.Upload, uploadXML{ex.encode(u.Key), u.UploadID, u.Attributes.Storage, formatTime(u.Initiated)})
	}
	if ex.plan.repeatMarker {
		doc.IsTruncated, doc.NextKeyMarker, doc.NextUploadIDMarker = true, ex.encode(marker), idMarker
	}
	return xmlReply(doc)
}

// uploadsAfter finds the first upload past the markers: a greater key, or with an id marker the same key and a greater id.
func uploadsAfter(all []*upload, marker, idMarker string) int {
	if marker == "" {
		return 0
	}
	return sort.Search(len(all), func(i int) bool {
		switch c := strings.Compare(all[i].Key, marker); {
		case c != 0:
			return c > 0
		case idMarker == "":
			return false
		}
		return all[i].UploadID > idMarker
	})
}

type partXML struct {
	PartNumber    int
	LastModified  string
	ETag          string
	HashCrc64ecma string `xml:",omitempty"`
	Size          int64
}

func (ex *exchange) listParts() (*reply, error) {
	limit, err := ex.pageSize("max-parts", maxPage)
	if err != nil {
		return nil, err
	}
	marker := 0
	if text := ex.query.Get("part-number-marker"); text != "" {
		marker, err = strconv.Atoi(text)
		if err != nil || marker < 0 {
			return nil, errInvalidArgument("Argument part-number-marker must be a non-negative integer.", "part-number-marker", text)
		}
	}
	ex.store.mu.RLock()
	u, err := ex.store.uploadLocked(ex.bucket, ex.key, ex.uploadID, ex.op)
	if err != nil {
		ex.store.mu.RUnlock()
		return nil, err
	}
	all := u.parts.items
	from := sort.Search(len(all), func(i int) bool { return all[i].number > marker })
	parts := slices.Clone(all[from:min(from+limit, len(all))])
	truncated := limit > 0 && from+limit < len(all)
	ex.store.mu.RUnlock()

	doc := struct {
		XMLName              xml.Name `xml:"ListPartsResult"`
		EncodingType         string   `xml:",omitempty"`
		Bucket               string
		Key                  string
		UploadID             string `xml:"UploadId"`
		StorageClass         string
		PartNumberMarker     int
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		Part                 []partXML
	}{
		EncodingType: ex.encodingType(), Bucket: ex.bucket, Key: ex.encode(ex.key), UploadID: u.UploadID,
		StorageClass: u.Attributes.Storage, PartNumberMarker: marker, MaxParts: limit, IsTruncated: truncated,
	}
	for _, p := range parts {
		line := partXML{PartNumber: p.number, LastModified: formatTime(p.modified), ETag: quoteETag(p.etag), Size: p.size}
		if p.hasCRC {
			line.HashCrc64ecma = ex.shownCRC(formatCRC(p.crc))
		}
		doc.Part = append(doc.Part, line)
		doc.NextPartNumberMarker = p.number
	}
	if ex.plan.repeatMarker {
		doc.IsTruncated, doc.NextPartNumberMarker = true, marker
	}
	return xmlReply(doc)
}
