package ossapi

import (
	"strings"
	"testing"
)

// FuzzAnswers feeds any bytes to every decoder: none may panic, and what they
// accept must hold what their callers rely on.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		"", "<", "<Error><Code>X</Code></Error>", "<ListPartsResult><Part><PartNumber>1</PartNumber><Size>-1</Size></Part></ListPartsResult>",
		"<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>4</NextPartNumberMarker></ListPartsResult>",
		"<ListMultipartUploadsResult><EncodingType>url</EncodingType><Upload><Key>%zz</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>",
		"<ListMultipartUploadsResult><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes></ListMultipartUploadsResult>",
		"<CompleteMultipartUploadResult><ETag>&quot;a&quot;</ETag></CompleteMultipartUploadResult>",
		"<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, body []byte, marker int) {
		var parts xmlParts
		if doc, err := decodeXML(body, "ListPartsResult", &parts); err == nil {
			if doc != nil {
				t.Fatal("an error document without an error")
			}
			if page, err := parts.page(marker); err == nil {
				last := marker
				for _, p := range page.Parts {
					if p.Number <= last || p.Number > maxPartNumber || p.Size < 0 {
						t.Fatalf("accepted %+v after %d", p, last)
					}
					last = p.Number
				}
				if page.Truncated && page.NextPartNumberMarker <= marker {
					t.Fatal("accepted a marker that does not advance")
				}
			}
		}
		var uploads xmlUploads
		if _, err := decodeXML(body, "ListMultipartUploadsResult", &uploads); err == nil {
			if page, err := uploads.page(); err == nil {
				for _, u := range page.Uploads {
					if u.Key == "" || u.UploadID == "" {
						t.Fatalf("accepted %+v", u)
					}
				}
			}
		}
		var completed xmlCompleted
		if _, err := decodeXML(body, "CompleteMultipartUploadResult", &completed); err == nil && !strings.Contains(string(body), "CompleteMultipartUploadResult") {
			t.Fatal("accepted another document as the end of an upload")
		}
		var buckets xmlBuckets
		_, _ = decodeXML(body, "ListAllMyBucketsResult", &buckets)
	})
}

// FuzzEscape: what is printed holds no unsafe character, and escaping twice
// changes nothing more.
func FuzzEscape(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b]52;c;AAAA\a\u202e\xff\ufeff\U000e0041\ufffd")
	f.Fuzz(func(t *testing.T, s string) {
		got := escape(s)
		if strings.ContainsFunc(strings.ReplaceAll(got, "\ufffd", ""), unsafeRune) || escape(got) != got {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// FuzzRegionFromEndpoint: a region that is found can be put into a signature.
func FuzzRegionFromEndpoint(f *testing.F) {
	f.Add("oss-cn-hangzhou.aliyuncs.com")
	f.Add("http://[::1]%25:x@/")
	f.Fuzz(func(t *testing.T, s string) {
		region, ok := RegionFromEndpoint(s)
		if ok != (region != "") || strings.ContainsFunc(region, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
			t.Fatalf("%q gives %q, %v", s, region, ok)
		}
	})
}
