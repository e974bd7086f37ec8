package conform

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// listUploadsCases are about ListMultipartUploads.
func listUploadsCases() []testCase {
	return []testCase{
		{name: "list-uploads-fields", run: listUploadsFields},
		{name: "list-uploads-prefix", run: listUploadsPrefix},
		{name: "list-uploads-delimiter", run: listUploadsDelimiter},
		{name: "list-uploads-delimiter-pages", run: listUploadsDelimiterPages},
		{name: "list-uploads-pages", run: listUploadsPages},
		{name: "list-uploads-key-marker", run: listUploadsKeyMarker},
		{name: "list-uploads-upload-id-marker", run: listUploadsUploadIDMarker},
		{name: "list-uploads-default-page-is-1000", run: listUploadsThousand},
		{name: "list-uploads-leaves-out-ended", run: listUploadsLeavesOutEnded},
		{name: "list-uploads-nothing", run: listUploadsNothing},
	}
}

// uploadsPage is the answer to ListMultipartUploads with what the SDK drops.
type uploadsPage struct {
	EncodingType       string
	IsTruncated        bool
	NextKeyMarker      string
	NextUploadIDMarker string `xml:"NextUploadIdMarker"`
	Uploads            []struct {
		Key          string
		UploadID     string `xml:"UploadId"`
		StorageClass string
	} `xml:"Upload"`
	CommonPrefixes []struct{ Prefix string }
}

// rawListUploads lists one page without the SDK's own result type, which has
// neither CommonPrefixes nor StorageClass. Keys come back decoded.
func (s *trial) rawListUploads(parameters map[string]string) uploadsPage {
	s.Helper()
	in := oss.OperationInput{
		OpName: "ListMultipartUploads", Method: "GET",
		Parameters: map[string]string{"uploads": "", "encoding-type": "url"},
	}
	for name, value := range parameters {
		in.Parameters[name] = value
	}
	body, err := s.raw(in, "")
	if err != nil {
		s.Fatalf("list uploads: %s", brief(err))
	}
	var page uploadsPage
	if err := xml.Unmarshal(body, &page); err != nil {
		s.Fatalf("list uploads: %v in %q", err, body)
	}
	if page.EncodingType == "url" {
		fields := []*string{&page.NextKeyMarker}
		for i := range page.Uploads {
			fields = append(fields, &page.Uploads[i].Key)
		}
		for i := range page.CommonPrefixes {
			fields = append(fields, &page.CommonPrefixes[i].Prefix)
		}
		for _, field := range fields {
			if *field, err = url.QueryUnescape(*field); err != nil {
				s.Fatalf("list uploads: %v", err)
			}
		}
	}
	return page
}

// listUploads lists one page of the uploads of this case.
func (s *trial) listUploads(adjust ...func(*oss.ListMultipartUploadsRequest)) *oss.ListMultipartUploadsResult {
	s.Helper()
	req := &oss.ListMultipartUploadsRequest{Bucket: s.bucket(), Prefix: oss.Ptr(s.prefix)}
	for _, f := range adjust {
		f(req)
	}
	res, err := s.client.ListMultipartUploads(s.ctx, req)
	if err != nil {
		s.Fatalf("list uploads: %s", brief(err))
	}
	return res
}

// allUploads follows the markers to the end. A page that is empty, too long or
// does not move on fails: a client following it would run for ever or see twice.
func (s *trial) allUploads(pageSize int32, prefix string) []upload {
	s.Helper()
	var found []upload
	var keyMarker, idMarker *string
	for range 10000 {
		res := s.listUploads(func(r *oss.ListMultipartUploadsRequest) {
			r.Prefix, r.MaxUploads, r.KeyMarker, r.UploadIdMarker = oss.Ptr(prefix), pageSize, keyMarker, idMarker
		})
		if pageSize > 0 && len(res.Uploads) > int(pageSize) {
			s.Fatalf("a page of %d holds %d uploads", pageSize, len(res.Uploads))
		}
		for _, u := range res.Uploads {
			found = append(found, upload{oss.ToString(u.Key), oss.ToString(u.UploadId)})
		}
		if !res.IsTruncated {
			return found
		}
		if len(res.Uploads) == 0 {
			s.Fatalf("a page is empty and says that more follow")
		}
		if oss.ToString(res.NextKeyMarker) == oss.ToString(keyMarker) &&
			oss.ToString(res.NextUploadIdMarker) == oss.ToString(idMarker) {
			s.Fatalf("the markers %q %q stand still", oss.ToString(keyMarker), oss.ToString(idMarker))
		}
		keyMarker, idMarker = res.NextKeyMarker, res.NextUploadIdMarker
	}
	s.Fatalf("the list does not end")
	return nil
}

// wantUploads fails unless found holds exactly the wanted uploads, each once,
// with keys in ascending byte order. Uploads of one key may come in any order.
func (s *trial) wantUploads(found []upload, want ...upload) {
	s.Helper()
	if !slices.IsSortedFunc(found, func(a, b upload) int { return strings.Compare(a.key, b.key) }) {
		s.Errorf("keys are not in ascending order: %q", found)
	}
	byIdentity := func(a, b upload) int { return strings.Compare(a.key+"\x00"+a.id, b.key+"\x00"+b.id) }
	found, want = slices.Clone(found), slices.Clone(want)
	slices.SortFunc(found, byIdentity)
	slices.SortFunc(want, byIdentity)
	if !slices.Equal(found, want) {
		s.Fatalf("listed %d uploads %.600q, want %d %.600q", len(found), found, len(want), want)
	}
}

func listUploadsFields(s *trial) {
	u := s.initiate(s.prefix + "object")
	res := s.listUploads()
	if oss.ToString(res.Bucket) != s.target.Bucket || oss.ToString(res.Prefix) != s.prefix || res.IsTruncated {
		s.Errorf("bucket %q, prefix %q, truncated %v", oss.ToString(res.Bucket), oss.ToString(res.Prefix), res.IsTruncated)
	}
	if len(res.Uploads) != 1 || oss.ToString(res.Uploads[0].Key) != u.key || oss.ToString(res.Uploads[0].UploadId) != u.id {
		s.Fatalf("listed %+v, want the one upload", res.Uploads)
	}
	// Compared with the server's own clock, as ours may be off.
	now, err := http.ParseTime(res.Headers.Get("Date"))
	if err != nil {
		s.Fatalf("Date header: %v", err)
	}
	begun := oss.ToTime(res.Uploads[0].Initiated)
	if age := now.Sub(begun); age < -2*time.Second || age > 5*time.Minute {
		s.Errorf("Initiated %v is %v before the answer's Date", begun, age)
	}
}

func listUploadsPrefix(s *trial) {
	a1, a2 := s.initiate(s.prefix+"a/1"), s.initiate(s.prefix+"a/2")
	ab := s.initiate(s.prefix + "ab")
	s.initiate(s.prefix + "b")
	s.wantUploads(s.allUploads(0, s.prefix+"a"), a1, a2, ab)
	s.wantUploads(s.allUploads(0, s.prefix+"a/"), a1, a2)
	s.wantUploads(s.allUploads(0, s.prefix+"a/2"), a2)
	s.wantUploads(s.allUploads(0, s.prefix+"A"))
}

// foldered begins uploads in folders and beside them, and returns what a
// listing with the delimiter "/" has to show.
func (s *trial) foldered() (plain, folders []string) {
	for _, name := range []string{"a.txt", "b/1", "b/2", "b/c/3", "d.txt", "e/1", "z.txt", "中 +/1"} {
		s.initiate(s.prefix + name)
	}
	s.initiate(s.prefix + "e/1")
	for _, name := range []string{"a.txt", "d.txt", "z.txt"} {
		plain = append(plain, s.prefix+name)
	}
	return plain, []string{s.prefix + "b/", s.prefix + "e/", s.prefix + "中 +/"}
}

func listUploadsDelimiter(s *trial) {
	plain, folders := s.foldered()
	page := s.rawListUploads(map[string]string{"prefix": s.prefix, "delimiter": "/"})
	s.wantFolders([]uploadsPage{page}, plain, folders)
	inner := s.rawListUploads(map[string]string{"prefix": s.prefix + "b/", "delimiter": "/"})
	s.wantFolders([]uploadsPage{inner}, []string{s.prefix + "b/1", s.prefix + "b/2"}, []string{s.prefix + "b/c/"})
}

// listUploadsDelimiterPages: a folder counts as one entry of a page and comes
// once, however many pages its uploads would fill.
func listUploadsDelimiterPages(s *trial) {
	plain, folders := s.foldered()
	for size := 1; size <= 3; size++ {
		var pages []uploadsPage
		parameters := map[string]string{"prefix": s.prefix, "delimiter": "/", "max-uploads": fmt.Sprint(size)}
		for {
			page := s.rawListUploads(parameters)
			pages = append(pages, page)
			if n := len(page.Uploads) + len(page.CommonPrefixes); n > size || n == 0 {
				s.Fatalf("a page of %d holds %d entries", size, n)
			}
			if !page.IsTruncated {
				break
			}
			if len(pages) > 20 {
				s.Fatalf("the list with pages of %d does not end", size)
			}
			parameters["key-marker"], parameters["upload-id-marker"] = page.NextKeyMarker, page.NextUploadIDMarker
		}
		s.wantFolders(pages, plain, folders)
	}
}

func (s *trial) wantFolders(pages []uploadsPage, plain, folders []string) {
	s.Helper()
	var keys, prefixes []string
	for _, page := range pages {
		for _, u := range page.Uploads {
			keys = append(keys, u.Key)
		}
		for _, p := range page.CommonPrefixes {
			prefixes = append(prefixes, p.Prefix)
		}
	}
	if !slices.Equal(keys, plain) || !slices.Equal(prefixes, folders) {
		s.Fatalf("%d pages: keys %q, want %q; common prefixes %q, want %q", len(pages), keys, plain, prefixes, folders)
	}
}

// listUploadsPages puts two uploads of one key across every page border.
func listUploadsPages(s *trial) {
	var want []upload
	for _, name := range []string{"a", "b", "b", "c", "d", "d", "d", "e"} {
		want = append(want, s.initiate(s.prefix+name))
	}
	for size := int32(1); size <= int32(len(want))+1; size++ {
		s.wantUploads(s.allUploads(size, s.prefix), want...)
	}
}

// listUploadsKeyMarker: a key marker alone stands for all uploads of that key.
func listUploadsKeyMarker(s *trial) {
	a := s.initiate(s.prefix + "a")
	s.initiate(s.prefix + "a")
	b, c := s.initiate(s.prefix+"b"), s.initiate(s.prefix+"c")
	after := func(marker string) []upload {
		var found []upload
		for _, u := range s.listUploads(func(r *oss.ListMultipartUploadsRequest) { r.KeyMarker = oss.Ptr(marker) }).Uploads {
			found = append(found, upload{oss.ToString(u.Key), oss.ToString(u.UploadId)})
		}
		return found
	}
	s.wantUploads(after(a.key), b, c)
	s.wantUploads(after(s.prefix+"aa"), b, c) // a key that has no upload
	s.wantUploads(after(c.key))
}

// listUploadsUploadIDMarker: with an upload id the marker stands for that
// upload, so the same key's uploads of greater id follow. Without a key marker
// the upload id marker is ignored.
func listUploadsUploadIDMarker(s *trial) {
	var same []upload
	for range 3 {
		same = append(same, s.initiate(s.prefix+"a"))
	}
	b := s.initiate(s.prefix + "b")
	slices.SortFunc(same, func(x, y upload) int { return strings.Compare(x.id, y.id) })
	for i, marker := range same {
		var found []upload
		for _, u := range s.listUploads(func(r *oss.ListMultipartUploadsRequest) {
			r.KeyMarker, r.UploadIdMarker = oss.Ptr(marker.key), oss.Ptr(marker.id)
		}).Uploads {
			found = append(found, upload{oss.ToString(u.Key), oss.ToString(u.UploadId)})
		}
		s.wantUploads(found, append(slices.Clone(same[i+1:]), b)...)
	}
	alone := s.listUploads(func(r *oss.ListMultipartUploadsRequest) { r.UploadIdMarker = oss.Ptr(same[2].id) })
	if len(alone.Uploads) != 4 {
		s.Errorf("an upload id marker without a key marker leaves %d uploads, want all 4", len(alone.Uploads))
	}
}

// listUploadsThousand: a page holds 1000 uploads when nothing is asked.
func listUploadsThousand(s *trial) {
	const count = 1003
	want := make([]upload, count)
	s.inParallel(count, func(i int) (err error) {
		// Each key has two uploads, so one pair lies across the border.
		want[i], err = s.tryInitiate(fmt.Sprintf("%s%04d", s.prefix, (i+1)/2))
		return err
	})
	first := s.listUploads()
	if len(first.Uploads) != 1000 || !first.IsTruncated {
		s.Errorf("the first page holds %d uploads, truncated %v; want 1000 and more", len(first.Uploads), first.IsTruncated)
	}
	s.wantUploads(s.allUploads(0, s.prefix), want...)
	s.wantUploads(s.allUploads(1000, s.prefix), want...)
}

func listUploadsLeavesOutEnded(s *trial) {
	key := s.prefix + "object"
	open, aborted, completed := s.initiate(key), s.initiate(key), s.initiate(key)
	s.abort(aborted)
	s.complete(completed, s.part(completed, 1, content("1", 1)))
	s.wantUploads(s.allUploads(0, s.prefix), open)
}

func listUploadsNothing(s *trial) {
	res := s.listUploads()
	if len(res.Uploads) != 0 || res.IsTruncated {
		s.Errorf("listed %d uploads, truncated %v; want none", len(res.Uploads), res.IsTruncated)
	}
}
