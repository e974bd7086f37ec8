package transfer_test

import (
	"testing"

	"partway/model"
	"partway/ossapi/emulator"
)

const kib100 = int(model.MinPartSize)

func TestFileArrivesByteForByte(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		send model.SendOptions
		want model.Proof
	}{
		{"empty", 0, model.SendOptions{}, model.ProofMD5},
		{"one byte", 1, model.SendOptions{}, model.ProofMD5},
		{"one part exactly", kib100, model.SendOptions{PartSize: model.MinPartSize}, model.ProofMD5},
		{"one byte more than a part", kib100 + 1, model.SendOptions{PartSize: model.MinPartSize}, model.ProofCRC64},
		{"many parts", 57*kib100 + 12345, model.SendOptions{PartSize: model.MinPartSize}, model.ProofCRC64},
		{"without MD5", 9*kib100 + 1, model.SendOptions{PartSize: model.MinPartSize, NoMD5: true}, model.ProofCRC64},
		{"small without MD5", 999, model.SendOptions{NoMD5: true}, model.ProofMD5},
		{"one part at once", 9 * kib100, model.SendOptions{PartSize: model.MinPartSize, Parts: 1}, model.ProofCRC64},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			path := w.file("data", c.size, 1)
			e := w.engine()
			e.do(w.put(path, "dir/data", c.send))
			j := wantStatus(t, e.settled(), model.StatusDone)
			w.wantObject("dir/data", path)
			if j.Proof != c.want {
				t.Errorf("proved by %q, want %q", j.Proof, c.want)
			}
			if j.BytesSent != int64(c.size) || j.PartsDone != j.Parts {
				t.Errorf("shows %d bytes and %d of %d parts", j.BytesSent, j.PartsDone, j.Parts)
			}
			if n := w.server.UploadCount(bucket); n != 0 {
				t.Errorf("%d uploads are left behind", n)
			}
			for number, times := range w.sentParts() {
				if times != 1 {
					t.Errorf("part %d was sent %d times", number, times)
				}
			}
			if j.Parts > 1 && w.count(emulator.OpInitiate) != 1 {
				t.Errorf("%d uploads were initiated", w.count(emulator.OpInitiate))
			}
		})
	}
}
