package conform

import (
	"fmt"
	"net/http"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// listPartsCases are about ListParts.
func listPartsCases() []testCase {
	return []testCase{
		{name: "list-parts-fields", run: listPartsFields},
		{name: "list-parts-crc64", run: listPartsCRC},
		{name: "list-parts-storage-class", run: listPartsStorageClass},
		{name: "list-parts-pages", run: listPartsPages},
		{name: "list-parts-marker", run: listPartsMarker},
		{name: "list-parts-default-page-is-1000", run: listPartsThousand},
		{name: "list-parts-nothing", run: listPartsNothing},
	}
}

func listPartsFields(s *trial) {
	u := s.initiate(s.prefix + "object")
	s.part(u, 2, content("2", 222))
	s.part(u, 1, content("1", 111))
	res := s.listParts(u)
	if oss.ToString(res.Bucket) != s.target.Bucket || oss.ToString(res.Key) != u.key || oss.ToString(res.UploadId) != u.id || res.IsTruncated {
		s.Errorf("bucket %q, key %q, upload id %q, truncated %v",
			oss.ToString(res.Bucket), oss.ToString(res.Key), oss.ToString(res.UploadId), res.IsTruncated)
	}
	s.wantParts(res.Parts, 1, 2)
	now, err := http.ParseTime(res.Headers.Get("Date"))
	if err != nil {
		s.Fatalf("Date header: %v", err)
	}
	for i, p := range res.Parts {
		body := content(fmt.Sprint(i+1), 111*(i+1))
		if p.Size != int64(len(body)) || !sameETag(oss.ToString(p.ETag), md5ETag(body)) {
			s.Errorf("part %d: %d bytes, ETag %s; want %d, %s", p.PartNumber, p.Size, oss.ToString(p.ETag), len(body), md5ETag(body))
		}
		if age := now.Sub(oss.ToTime(p.LastModified)); age < -2*time.Second || age > 5*time.Minute {
			s.Errorf("part %d: LastModified is %v before the answer's Date", p.PartNumber, age)
		}
	}
}

// listPartsCRC: the list tells each part's CRC, which is what lets a client
// compare a part sent by an earlier run with its file.
func listPartsCRC(s *trial) {
	u := s.initiate(s.prefix + "object")
	for number := int32(1); number <= 3; number++ {
		s.part(u, number, content(fmt.Sprint(number), 1000))
	}
	for _, p := range s.listParts(u).Parts {
		if want := crcOf(content(fmt.Sprint(p.PartNumber), 1000)); oss.ToString(p.HashCRC64) != want {
			s.Errorf("part %d: HashCrc64ecma %q, want %s", p.PartNumber, oss.ToString(p.HashCRC64), want)
		}
	}
}

func listPartsStorageClass(s *trial) {
	standard := s.initiate(s.prefix + "standard")
	if got := oss.ToString(s.listParts(standard).StorageClass); got != "Standard" {
		s.Errorf("storage class %q, want Standard", got)
	}
	ia := s.initiate(s.prefix+"ia", func(r *oss.InitiateMultipartUploadRequest) { r.StorageClass = oss.StorageClassIA })
	if got := oss.ToString(s.listParts(ia).StorageClass); got != "IA" {
		s.Errorf("storage class %q, want IA", got)
	}
	for _, u := range s.rawListUploads(map[string]string{"prefix": s.prefix}).Uploads {
		want := map[string]string{standard.key: "Standard", ia.key: "IA"}[u.Key]
		if u.StorageClass != want {
			s.Errorf("list uploads: storage class %q of %q, want %s", u.StorageClass, u.Key, want)
		}
	}
}

func listPartsPages(s *trial) {
	u := s.initiate(s.prefix + "object")
	numbers := []int32{1, 2, 3, 9, 10, 11, 100, 9999, 10000}
	for _, number := range numbers {
		s.part(u, number, []byte("x"))
	}
	for size := int32(1); size <= int32(len(numbers)); size++ {
		var found []oss.Part
		marker := int32(0)
		for {
			res := s.listParts(u, func(r *oss.ListPartsRequest) { r.MaxParts, r.PartNumberMarker = size, marker })
			if len(res.Parts) > int(size) || len(res.Parts) == 0 {
				s.Fatalf("a page of %d holds %d parts", size, len(res.Parts))
			}
			found = append(found, res.Parts...)
			if !res.IsTruncated {
				break
			}
			if res.NextPartNumberMarker <= marker {
				s.Fatalf("the marker goes from %d to %d", marker, res.NextPartNumberMarker)
			}
			marker = res.NextPartNumberMarker
		}
		s.wantParts(found, numbers...)
	}
}

// listPartsMarker: parts of a greater number follow, whether or not the marker
// is the number of a part.
func listPartsMarker(s *trial) {
	u := s.initiate(s.prefix + "object")
	for _, number := range []int32{2, 4, 10} {
		s.part(u, number, []byte("x"))
	}
	for _, c := range []struct {
		marker int32
		want   []int32
	}{
		{1, []int32{2, 4, 10}}, {2, []int32{4, 10}}, {3, []int32{4, 10}}, {9, []int32{10}}, {10, nil}, {10000, nil},
	} {
		res := s.listParts(u, func(r *oss.ListPartsRequest) { r.PartNumberMarker = c.marker })
		s.wantParts(res.Parts, c.want...)
		if res.IsTruncated {
			s.Errorf("after %d: truncated though nothing follows", c.marker)
		}
	}
}

func listPartsThousand(s *trial) {
	const count = 1002
	u := s.initiate(s.prefix + "object")
	s.inParallel(count, func(i int) error {
		_, err := s.tryPart(u, int32(i+1), []byte{byte(i)})
		return err
	})
	first := s.listParts(u)
	if len(first.Parts) != 1000 || !first.IsTruncated || first.NextPartNumberMarker != 1000 {
		s.Fatalf("the first page holds %d parts, truncated %v, next marker %d; want 1000, true, 1000",
			len(first.Parts), first.IsTruncated, first.NextPartNumberMarker)
	}
	s.wantParts(s.listParts(u, func(r *oss.ListPartsRequest) { r.PartNumberMarker = 1000 }).Parts, 1001, 1002)
}

func listPartsNothing(s *trial) {
	res := s.listParts(s.initiate(s.prefix + "object"))
	s.wantParts(res.Parts)
	if res.IsTruncated {
		s.Errorf("an empty list is truncated")
	}
}
