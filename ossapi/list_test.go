package ossapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestListUploadsPages(t *testing.T) {
	pages := map[string]string{
		"": `<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>a+b%2Bc%25%0A</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker>
			<Upload><Key>a+b%2Bc%25%0A</Key><UploadId>1</UploadId><StorageClass>IA</StorageClass><Initiated>2026-02-23T04:18:23.000Z</Initiated></Upload>
			<CommonPrefixes><Prefix>p+1%2F</Prefix></CommonPrefixes><CommonPrefixes><Prefix>p2/</Prefix><Prefix>p3/</Prefix></CommonPrefixes>`,
		"a b+c%\n 1": `<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>a+b%2Bc%25%0A</NextKeyMarker><NextUploadIdMarker>2</NextUploadIdMarker>`,
		"a b+c%\n 2": `<IsTruncated>false</IsTruncated><Upload><Key>raw%2B+</Key><UploadId>9</UploadId><Initiated>yesterday</Initiated></Upload>`,
	}
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("prefix") != "p/&" || q.Get("delimiter") != "/" || q.Get("max-uploads") != "2" || q.Get("encoding-type") != "url" {
			t.Errorf("query %v", q)
		}
		page, ok := pages[strings.TrimSuffix(q.Get("key-marker")+" "+q.Get("upload-id-marker"), " ")]
		if !ok {
			t.Errorf("unexpected markers %v", q)
		}
		fmt.Fprintf(w, `<?xml version="1.0"?><ListMultipartUploadsResult xmlns="http://doc">%s</ListMultipartUploadsResult>`, page)
	})
	var keys, prefixes []string
	count := 0
	for page, err := range c.ListUploads(t.Context(), ListUploadsRequest{Bucket: "bucket", Prefix: "p/&", Delimiter: "/", PageSize: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Uploads {
			keys = append(keys, u.Key)
			if u.UploadID == "1" && (u.StorageClass != "IA" || u.Initiated.Unix() != 1771820303) || u.UploadID == "9" && !u.Initiated.IsZero() {
				t.Errorf("got %+v", u)
			}
		}
		prefixes = append(prefixes, page.CommonPrefixes...)
		count++
	}
	if !slices.Equal(keys, []string{"a b+c%\n", "raw%2B+"}) || !slices.Equal(prefixes, []string{"p 1/", "p2/", "p3/"}) || count != 3 {
		t.Errorf("got %q, %q in %d pages", keys, prefixes, count)
	}
}

func TestListsThatDoNotEnd(t *testing.T) {
	endless := func(doc string) (*Client, *int) {
		count := new(int)
		return answering(t, func(w http.ResponseWriter, r *http.Request) {
			*count++
			fmt.Fprint(w, doc)
		}), count
	}
	uploads := func(key, id string) string {
		return "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>" + key + "</NextKeyMarker><NextUploadIdMarker>" + id + "</NextUploadIdMarker></ListMultipartUploadsResult>"
	}
	for name, test := range map[string]struct {
		call, doc, names string
		requests         int
	}{
		"same upload marker": {"list uploads", uploads("k", "1"), `"k", upload id marker "1" leads to "k", "1"`, 2},
		"no upload marker":   {"list uploads", uploads("", ""), `key marker ""`, 1},
		"same part marker":   {"list parts", "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>5</NextPartNumberMarker></ListPartsResult>", "marker 5 leads to 5", 2},
		"same bucket marker": {"list buckets", "<ListAllMyBucketsResult><IsTruncated>true</IsTruncated><NextMarker>b</NextMarker></ListAllMyBucketsResult>", `"b" leads to "b"`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c, count := endless(test.doc)
			e := wantKind(t, everyCall(t, c)[test.call](), KindOddAnswer)
			if !strings.Contains(e.Error(), test.names) || *count != test.requests {
				t.Errorf("%d requests, %v", *count, e)
			}
		})
	}
}

func TestUploadsMarkerAdvances(t *testing.T) {
	for name, steps := range map[string][][2]string{
		"ids go round":  {{"a", "1"}, {"a", "2"}, {"a", "1"}},
		"keys go back":  {{"b", "1"}, {"a", "2"}},
		"to the start":  {{"b", "1"}, {"", ""}},
		"ids by age ok": {{"a", "9"}, {"a", "1"}, {"b", "9"}, {"b", "0"}},
	} {
		var m uploadsMarker
		var err error
		for i, s := range steps {
			if err = m.advance(s[0], s[1]); err != nil && i < len(steps)-1 {
				t.Errorf("%s: step %d: %v", name, i, err)
			}
		}
		if (err == nil) != strings.HasSuffix(name, "ok") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListStopsWhenTheLoopBreaks(t *testing.T) {
	count := 0
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		count++
		fmt.Fprintf(w, "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>%d</NextPartNumberMarker></ListPartsResult>", count)
	})
	for page, err := range c.ListParts(t.Context(), ListPartsRequest{Upload: testUpload}) {
		if err != nil || page.NextPartNumberMarker == 2 {
			break
		}
	}
	if count != 2 {
		t.Errorf("%d pages were fetched, 2 were looked at", count)
	}
}

func TestListPartsAndBuckets(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("uploadId") {
			fmt.Fprint(w, `<ListPartsResult><StorageClass>IA</StorageClass><Part><PartNumber>3</PartNumber><Size>5</Size><ETag>&quot;AB&quot;</ETag>
				<HashCrc64ecma>18446744073709551615</HashCrc64ecma></Part><Part><PartNumber>10000</PartNumber></Part></ListPartsResult>`)
			return
		}
		fmt.Fprint(w, `<ListAllMyBucketsResult><Buckets><Bucket><Name>b1</Name><Location>oss-cn-hangzhou</Location></Bucket><Bucket><Name>b2</Name><Region>cn-beijing</Region></Bucket></Buckets></ListAllMyBucketsResult>`)
	})
	for page, err := range c.ListParts(t.Context(), ListPartsRequest{Upload: testUpload}) {
		if err != nil || len(page.Parts) != 2 || page.StorageClass != "IA" ||
			page.Parts[0] != (Part{Number: 3, Size: 5, ETag: "AB", CRC64: 1<<64 - 1, HasCRC64: true}) || page.Parts[1].HasCRC64 {
			t.Errorf("got %+v, %v", page, err)
		}
	}
	for page, err := range c.ListBuckets(t.Context(), ListBucketsRequest{}) {
		if err != nil || len(page) != 2 || page[0].Region != "cn-hangzhou" || page[1].Region != "cn-beijing" {
			t.Errorf("got %+v, %v", page, err)
		}
	}
}
