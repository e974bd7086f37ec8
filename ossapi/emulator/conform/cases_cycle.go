package conform

import (
	"bytes"
	"fmt"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// cycleCases are about whole uploads: what was sent is what is read.
func cycleCases() []testCase {
	return []testCase{
		{name: "cycle-byte-exact", run: cycleByteExact},
		{name: "cycle-one-tiny-part", run: cycleOneTinyPart},
		{name: "cycle-parts-out-of-order", run: cyclePartsOutOfOrder},
		{name: "cycle-parts-in-parallel", run: cyclePartsInParallel},
		{name: "cycle-part-sent-again-replaces", run: cyclePartSentAgainReplaces},
		{name: "cycle-part-numbers-with-gaps", run: cyclePartNumbersWithGaps},
		{name: "cycle-uploads-of-one-key-are-separate", run: cycleUploadsOfOneKey},
		{name: "cycle-initiate-leaves-object-alone", run: cycleInitiateLeavesObject},
		{name: "cycle-sdk-uploader", run: cycleSDKUploader},
		{name: "cycle-sequential-mode", run: cycleSequentialMode},
		{name: "cycle-sequential-mode-refusals", run: cycleSequentialRefusals},
	}
}

func cycleByteExact(s *trial) {
	key := s.prefix + "object.bin"
	bodies := [][]byte{content("a", minPart), content("b", minPart+1), content("c", 7)}
	u := s.initiate(key)
	var parts []oss.UploadPart
	for i, b := range bodies {
		parts = append(parts, s.part(u, int32(i+1), b))
	}
	s.wantNoObject(key)
	res := s.complete(u, parts...)
	if oss.ToString(res.Key) != key || oss.ToString(res.Bucket) != s.target.Bucket {
		s.Errorf("complete answers bucket %q key %q", oss.ToString(res.Bucket), oss.ToString(res.Key))
	}
	whole := bytes.Join(bodies, nil)
	s.wantObject(key, whole)
	if got := s.head(key).ContentLength; got != int64(len(whole)) {
		s.Errorf("head: %d bytes, want %d", got, len(whole))
	}
	_, err := s.tryListParts(u)
	s.wantError(err, 404, "NoSuchUpload")
}

func cycleOneTinyPart(s *trial) {
	s.uploadOne(s.prefix+"tiny", []byte{0})
	s.wantObject(s.prefix+"tiny", []byte{0})
}

func cyclePartsOutOfOrder(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	third := s.part(u, 3, content("third", 10))
	first := s.part(u, 1, content("first", minPart))
	second := s.part(u, 2, content("second", minPart))
	s.complete(u, first, second, third)
	s.wantObject(key, bytes.Join([][]byte{
		content("first", minPart), content("second", minPart), content("third", 10),
	}, nil))
}

func cyclePartsInParallel(s *trial) {
	const count = 24
	key := s.prefix + "object"
	u := s.initiate(key)
	parts := make([]oss.UploadPart, count)
	bodies := make([][]byte, count)
	for i := range count {
		bodies[i] = content(fmt.Sprint("part", i), minPart+i)
	}
	s.inParallel(count, func(i int) error {
		res, err := s.tryPart(u, int32(i+1), bodies[i])
		if err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
		parts[i] = oss.UploadPart{PartNumber: int32(i + 1), ETag: res.ETag}
		return nil
	})
	s.complete(u, parts...)
	s.wantObject(key, bytes.Join(bodies, nil))
}

func cyclePartSentAgainReplaces(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	stale := s.part(u, 1, content("old", minPart+50))
	last := s.part(u, 2, content("last", 5))
	fresh := s.part(u, 1, content("new", minPart))
	if oss.ToString(stale.ETag) == oss.ToString(fresh.ETag) {
		s.Fatalf("two different bodies have one ETag %s", oss.ToString(fresh.ETag))
	}
	listed := s.listParts(u).Parts
	s.wantParts(listed, 1, 2)
	if listed[0].Size != minPart {
		s.Errorf("part 1 is listed with %d bytes, want those of the last request, %d", listed[0].Size, minPart)
	}
	_, err := s.tryComplete(u, []oss.UploadPart{stale, last})
	s.wantError(err, 400, "InvalidPart")
	s.complete(u, fresh, last)
	s.wantObject(key, append(content("new", minPart), content("last", 5)...))
}

func cyclePartNumbersWithGaps(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key)
	var parts []oss.UploadPart
	var whole []byte
	for _, number := range []int32{2, 9, 10, 100, 10000} {
		body := content(fmt.Sprint(number), minPart)
		parts = append(parts, s.part(u, number, body))
		whole = append(whole, body...)
	}
	s.wantParts(s.listParts(u).Parts, 2, 9, 10, 100, 10000)
	s.complete(u, parts...)
	s.wantObject(key, whole)
}

// cycleUploadsOfOneKey: many uploads of one key live side by side; completing
// or aborting one does not touch the others, and the last Complete wins.
func cycleUploadsOfOneKey(s *trial) {
	key := s.prefix + "object"
	a, b, c := s.initiate(key), s.initiate(key), s.initiate(key)
	if a.id == b.id || b.id == c.id || a.id == c.id {
		s.Fatalf("three uploads share an upload id: %q %q %q", a.id, b.id, c.id)
	}
	partA := s.part(a, 1, content("a", 11))
	partB := s.part(b, 1, content("b", 22))
	s.part(c, 1, content("c", 33))
	s.complete(b, partB)
	s.wantObject(key, content("b", 22))
	s.wantParts(s.listParts(a).Parts, 1)
	s.abort(c)
	s.wantParts(s.listParts(a).Parts, 1)
	s.complete(a, partA)
	s.wantObject(key, content("a", 11))
}

func cycleInitiateLeavesObject(s *trial) {
	key := s.prefix + "object"
	s.put(key, content("old", 100))
	u := s.initiate(key)
	s.part(u, 1, content("new", 200))
	s.wantObject(key, content("old", 100))
	s.abort(u)
	s.wantObject(key, content("old", 100))
}

// cycleSDKUploader lets the SDK plan and send the parts. It compares the CRC of
// the whole with its own at the end.
func cycleSDKUploader(s *trial) {
	key, body := s.prefix+"object", content("body", 5*minPart+1234)
	s.owes(key)
	up := s.client.NewUploader(func(o *oss.UploaderOptions) { o.PartSize, o.ParallelNum = minPart, 3 })
	_, err := up.UploadFrom(s.ctx, &oss.PutObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)}, bytes.NewReader(body))
	if err != nil {
		s.Fatalf("upload: %s", brief(err))
	}
	s.wantObject(key, body)
	s.wantUploads(s.allUploads(0, s.prefix))
}

// sequential asks for the mode in which parts must come in order, one at a time.
func sequential(req *oss.InitiateMultipartUploadRequest) { req.AddParameter("sequential", "") }

func cycleSequentialMode(s *trial) {
	key := s.prefix + "object"
	u := s.initiate(key, sequential)
	parts := []oss.UploadPart{
		s.part(u, 1, content("1", minPart)),
		s.part(u, 2, content("2", minPart)),
		s.part(u, 3, content("3", 1)),
	}
	s.complete(u, parts...)
	s.wantObject(key, bytes.Join([][]byte{content("1", minPart), content("2", minPart), content("3", 1)}, nil))
}

func cycleSequentialRefusals(s *trial) {
	u := s.initiate(s.prefix+"object", sequential)
	_, err := s.tryPart(u, 2, content("2", minPart))
	s.wantCode(err, "PartNotSequential")
	s.part(u, 1, content("1", minPart))
	_, err = s.tryPart(u, 1, content("1", minPart))
	s.wantError(err, 409, "PartAlreadyExist")
	_, err = s.tryPart(u, 3, content("3", minPart))
	s.wantCode(err, "PartNotSequential")
	s.part(u, 2, content("2", minPart))
}
