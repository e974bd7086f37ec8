package emulator

import (
	"encoding/base64"
	"encoding/xml"
	"sort"
)

type objectXML struct {
	Key          string
	LastModified string
	ETag         string
	Type         string
	Size         int64
	StorageClass string
	Owner        *ownerXML
}

// objectsXML is the answer of both versions of the call; the elements of the other one stay empty.
type objectsXML struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	EncodingType          string   `xml:",omitempty"`
	Name                  string
	Prefix                string
	Marker                *string
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	MaxKeys               int
	Delimiter             string
	IsTruncated           bool
	NextMarker            string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount              *int
	Contents              []objectXML
	CommonPrefixes        []commonPrefixXML
}

// listObjects answers ListObjects and ListObjectsV2.
func (ex *exchange) listObjects() (*reply, error) {
	limit, err := ex.pageSize("max-keys", 100)
	if err != nil {
		return nil, err
	}
	second := ex.op == OpListObjectsV2
	marker, token, err := ex.listMarker()
	if err != nil {
		return nil, err
	}
	q := ex.query
	prefix, delimiter := q.Get("prefix"), q.Get("delimiter")
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	b, err := ex.store.bucket(ex.bucket)
	if err != nil {
		return nil, err
	}
	all := b.objects.items
	start := 0
	if marker != "" {
		start = sort.Search(len(all), func(i int) bool { return all[i].Key > marker })
	}
	pg := paginate(len(all), func(i int) string { return all[i].Key },
		pageQuery{start: start, marker: marker, prefix: prefix, delimiter: delimiter, max: limit})
	doc := objectsXML{EncodingType: ex.encodingType(), Name: b.name, Prefix: ex.encode(prefix), MaxKeys: limit,
		Delimiter: ex.encode(delimiter), IsTruncated: pg.truncated}
	next := ""
	for _, e := range pg.entries {
		if e.item < 0 {
			next = e.prefix
			doc.CommonPrefixes = append(doc.CommonPrefixes, commonPrefixXML{ex.encode(e.prefix)})
			continue
		}
		o := all[e.item]
		next = o.Key
		line := objectXML{Key: ex.encode(o.Key), LastModified: formatTime(o.Modified), ETag: quoteETag(o.ETag), Type: o.Type,
			Size: o.Size, StorageClass: o.Attributes.Storage}
		if !second || q.Get("fetch-owner") == "true" {
			line.Owner = &ownerXML{ownerID, ownerID}
		}
		doc.Contents = append(doc.Contents, line)
	}
	if ex.plan.repeatMarker {
		doc.IsTruncated, next = true, marker
	}
	if !doc.IsTruncated {
		next = ""
	}
	if second {
		count := len(pg.entries)
		doc.KeyCount, doc.StartAfter, doc.ContinuationToken = &count, ex.encode(q.Get("start-after")), token
		doc.NextContinuationToken = base64.StdEncoding.EncodeToString([]byte(next))
	} else {
		shown := ex.encode(marker)
		doc.Marker, doc.NextMarker = &shown, ex.encode(next)
	}
	return xmlReply(doc)
}

// listMarker is the key after which the page begins. The token of the second version is opaque to clients; here it is the key in
// base64, and it goes before start-after, which only opens the first page.
func (ex *exchange) listMarker() (marker, token string, err error) {
	if ex.op == OpListObjects {
		return ex.query.Get("marker"), "", nil
	}
	token = ex.query.Get("continuation-token")
	if token == "" {
		return ex.query.Get("start-after"), "", nil
	}
	key, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", "", errInvalidArgument("The continuation token provided is incorrect.", "continuation-token", token)
	}
	return string(key), token, nil
}
