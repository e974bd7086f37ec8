package transfer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
)

// A thousand uploads that somebody left behind, each with another set of parts, another size and another tail: exactly what is
// missing is sent, and the object is the file.
func TestAdoptSendsExactlyWhatIsMissing(t *testing.T) {
	const cases, batch = 1000, 50
	random := rand.New(rand.NewPCG(1, 2))
	w := newWorld(t)
	w.limits.Files = 4
	local := newDisk()
	w.openFile = local.open
	data := content(9*kib100, 5)
	var kept, sent, whole, empty, tails, odd int
	for start := 0; start < cases; start += batch {
		e := w.engine()
		w.server.ResetRequests()
		missing := map[string]map[int]bool{}
		for i := start; i < start+batch; i++ {
			size := 1 + random.IntN(8*kib100)
			if random.IntN(4) == 0 {
				size = (1 + random.IntN(8)) * kib100 // no tail
			}
			partSize := kib100 + random.IntN(2)*random.IntN(kib100)
			count := (size + partSize - 1) / partSize
			key, from := fmt.Sprint("k", i), random.IntN(kib100)
			file := data[from : from+size]
			seed := emulator.Seed{Bucket: bucket, Key: key}
			missing[key] = map[int]bool{}
			if size%partSize != 0 {
				tails++
			}
			if partSize != kib100 {
				odd++
			}
			for n := 1; n <= count; n++ {
				if random.IntN(2) == 0 {
					seed.Parts = append(seed.Parts, seedPart(file, n, partSize))
				} else {
					missing[key][n] = true
				}
			}
			local.add("/"+key, file)
			kept, sent = kept+len(seed.Parts), sent+len(missing[key])
			switch {
			case len(missing[key]) == 0:
				whole++
			case len(seed.Parts) == 0:
				empty++
			}
			adopt := w.adopt(key, w.plant(seed), "/"+key)
			adopt.Send.PartSize = int64(partSize)
			e.do(adopt)
		}
		for _, j := range e.settled() {
			if j.Status != model.StatusDone {
				t.Fatalf("%s of %d bytes in parts of %d is %s: %v", j.Ref.Key, j.Source.Size, j.PartSize, j.Status, j.Problem)
			}
			w.wantBytes(j.Ref.Key, local.files[j.Source.Path].data)
		}
		for _, r := range w.server.Requests() {
			if r.Op == emulator.OpUploadPart {
				if !missing[r.Key][r.PartNumber] {
					t.Errorf("%s: part %d was sent and is not missing, or was sent twice", r.Key, r.PartNumber)
				}
				delete(missing[r.Key], r.PartNumber)
			}
			if r.Op == emulator.OpInitiate {
				t.Error("a new upload was initiated")
			}
		}
		for key, numbers := range missing {
			if len(numbers) != 0 {
				t.Errorf("%s: parts %v were never sent", key, numbers)
			}
		}
		w.wantClean(e)
	}
	t.Logf("%d uploads, %d with odd part sizes, %d with a short last part, %d without a part, %d with all of them: %d parts were there and none was sent again, %d were missing and each was sent once, every object equals its file",
		cases, odd, tails, empty, whole, kept, sent)
}

// Parts of a foreign upload are believed for their bytes alone.
func TestAdoptForeignParts(t *testing.T) {
	data := content(5*kib100, 3)
	wrong, longer := content(5*kib100, 4), content(9*kib100, 5)
	other := func(n int) emulator.SeedPart { return seedPart(wrong, n, kib100) }
	right := func(n int) emulator.SeedPart { return seedPart(data, n, kib100) }
	large := emulator.SeedPart{Number: 9, Size: int64(kib100)}
	for _, c := range []struct {
		name  string
		parts []emulator.SeedPart
		hint  int64
		sent  []int
		want  model.Status
	}{
		{"no part at all", nil, 0, []int{1}, model.StatusDone},
		{"every part", []emulator.SeedPart{right(1), right(2), right(3), right(4), right(5)}, 0, nil, model.StatusDone},
		{"one part with other bytes", []emulator.SeedPart{right(1), other(2), right(3)}, 0, []int{2, 4, 5}, model.StatusDone},
		{"not one part equal", []emulator.SeedPart{other(1), other(2), other(3)}, 0, nil, model.StatusFailed},
		{"a part with a number that no plan has", []emulator.SeedPart{right(1), right(2), large}, 0, []int{3, 4, 9}, model.StatusDone},
		{"parts that hold more than the file", []emulator.SeedPart{right(1), seedPart(longer, 2, 3*kib100), {Number: 4, Body: bytes.NewReader(longer[:3*kib100])}}, 0, nil, model.StatusFailed},
		{"different sizes without a gap", []emulator.SeedPart{right(1), {Number: 2, Body: bytes.NewReader(data[kib100 : 3*kib100])}}, 0, []int{3, 4}, model.StatusDone},
		{"a last part that is too short", []emulator.SeedPart{seedPart(data, 1, 2*kib100), {Number: 2, Body: right(3).Body}}, 0, []int{2, 3}, model.StatusDone},
		{"different sizes behind a gap", []emulator.SeedPart{right(1), {Number: 3, Body: bytes.NewReader(data[3*kib100:])}}, 0, []int{2}, model.StatusDone},
		{"different sizes behind a gap, and the end is missing", []emulator.SeedPart{right(1), {Number: 3, Body: seedPart(data, 2, 2*kib100).Body}}, 0, []int{2, 3}, model.StatusDone},
		{"no sums to prove anything by", []emulator.SeedPart{{Number: 1, Body: right(1).Body, ETag: "kms", NoCRC: true}, {Number: 2, Body: right(2).Body, ETag: "kms", NoCRC: true}}, 0, nil, model.StatusFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			path := w.file("data", len(data), 3)
			id := w.plant(emulator.Seed{Bucket: bucket, Key: "k", Parts: c.parts})
			e := w.engine()
			adopt := w.adopt("k", id, path)
			adopt.Send.PartSize = c.hint
			e.do(adopt)
			j := wantStatus(t, e.settled(), c.want)
			if c.want == model.StatusDone {
				w.wantObject("k", path)
				w.wantClean(e)
			} else if j.Problem.Class != model.ProblemConflict || len(j.Problem.Next) == 0 || w.server.UploadCount(bucket) != 1 {
				t.Errorf("problem %+v", j.Problem)
			}
			sent := w.sentParts()
			if len(sent) != len(c.sent) {
				t.Errorf("sent %v, want %v", sent, c.sent)
			}
			for _, n := range c.sent {
				if sent[n] != 1 {
					t.Errorf("part %d was sent %d times", n, sent[n])
				}
			}
		})
	}
}

// An upload that is completed or aborted before it is taken over is gone; nothing new is begun without being asked for.
func TestAdoptWhatIsGone(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 3*kib100, 3)
	e := w.engine()
	e.do(w.adopt("k", "0123456789ABCDEF0123456789ABCDEF", path))
	wantStatus(t, e.settled(), model.StatusGone)
	if w.count(emulator.OpInitiate) != 0 {
		t.Error("a new upload was begun")
	}
}

// A listing that fails at resume never makes a new upload: that would leave the old one behind.
func TestListingFailsAtResume(t *testing.T) {
	for _, c := range []struct {
		name   string
		effect emulator.Effect
		want   model.Status
		class  model.ProblemClass
	}{
		{"403", emulator.Answer{Status: 403}, model.StatusDone, ""}, // the journal knows what was acknowledged
		{"500 for ever", emulator.Answer{}, model.StatusFailed, model.ProblemTemporary},
		{"reset", emulator.ResetBody{}, model.StatusFailed, model.ProblemTemporary},
		{"repeated marker", emulator.RepeatMarker{}, model.StatusFailed, model.ProblemTemporary},
		{"error body", emulator.ErrorBody{}, model.StatusFailed, model.ProblemTemporary},
		{"wrong key", emulator.Answer{Status: 403, Code: "InvalidAccessKeyId"}, model.StatusFailed, model.ProblemCredentials},
		{"no bucket", emulator.Answer{Status: 404, Code: "NoSuchBucket"}, model.StatusFailed, model.ProblemPlace},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.policy.ParkAfter = 60 * time.Millisecond
			path := w.file("data", 9*kib100, 3)
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 9, Times: -1, Effect: emulator.Answer{Status: 403}})
			e, jobs := w.uploaded(path, "k")
			j := wantStatus(t, jobs, model.StatusFailed)
			e.close()
			acknowledged := j.Done
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpListParts, Times: -1, Effect: c.effect})
			e = w.engine()
			e.do(w.put(path, "k", parts(4)))
			j = wantStatus(t, e.settled(), c.want)
			if c.want != model.StatusDone {
				if j.Problem.Class != c.class {
					t.Errorf("problem %+v", j.Problem)
				}
				w.server.SetFaults(1)
				e.do(model.Go{Jobs: []model.JobID{j.ID}})
				wantStatus(t, e.settled(), model.StatusDone)
			}
			w.wantObject("k", path)
			w.wantClean(e)
			if n := w.count(emulator.OpInitiate); n != 1 {
				t.Errorf("%d uploads were initiated", n)
			}
			after := w.answered()
			for number := 1; number <= 9; number++ {
				if acknowledged.Has(number) && after[number] != 1 {
					t.Errorf("part %d was stored %d times", number, after[number])
				}
			}
		})
	}
}
