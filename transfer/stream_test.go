package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// stream is a producer: its bytes, then its end. Close ends a Read that waits.
type stream struct {
	io.Reader
	once   sync.Once
	closed chan struct{}
}

func newStream(from ...io.Reader) *stream {
	return &stream{Reader: io.MultiReader(from...), closed: make(chan struct{})}
}

func (s *stream) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// silent waits until the stream is closed, as a producer does that has nothing to say.
type silent struct {
	s       *stream
	reached chan struct{}
}

func (r silent) Read([]byte) (int, error) {
	close(r.reached)
	<-r.s.closed
	return 0, os.ErrClosed
}

type failing struct{ err error }

func (r failing) Read([]byte) (int, error) { return 0, r.err }

// dribble gives few bytes at a time, of odd number.
type dribble struct {
	from io.Reader
	n    int
}

func (r *dribble) Read(p []byte) (int, error) {
	r.n = r.n*7%8191 + 1
	return r.from.Read(p[:min(len(p), r.n)])
}

func (w *world) stream(key string, from io.ReadCloser) transfer.Stream {
	return transfer.Stream{Reader: from, Place: w.place, Key: key, Send: parts(0)}
}

func (r *running) send(s transfer.Stream) {
	r.t.Helper()
	if err := r.SendStream(context.Background(), s); err != nil {
		r.t.Fatal(err)
	}
}

// TestStreamStoresEveryByte goes around the borders of parts and of the simple object.
func TestStreamStoresEveryByte(t *testing.T) {
	const part = int(model.MinPartSize)
	for _, size := range []int{0, 1, part - 1, part, part + 1, 2*part - 1, 2 * part, 2*part + 1, 20*part + 7} {
		for _, dir := range []string{"", t.TempDir()} {
			w := newWorld(t)
			e := w.engine()
			want := content(size, uint64(size))
			s := w.stream("k", newStream(&dribble{from: bytes.NewReader(want)}))
			s.SpoolDir = dir
			e.send(s)
			j := wantStatus(t, e.settled(), model.StatusDone)
			w.wantBytes("k", want)
			wanted := (size + part - 1) / part
			if size <= part {
				if got := w.count(emulator.OpInitiate); got != 0 {
					t.Errorf("%d bytes: %d uploads initiated for what fits into one piece", size, got)
				}
			} else if got := len(w.sentParts()); got != wanted || j.Parts != wanted || j.PartsDone != wanted {
				t.Errorf("%d bytes: %d parts sent, %d of %d shown, want %d", size, got, j.PartsDone, j.Parts, wanted)
			}
			if j.Source.Size != int64(size) || j.BytesDone != int64(size) || j.Proof == model.ProofNone {
				t.Errorf("%d bytes: %+v", size, j)
			}
			w.wantClean(e)
			if dir != "" {
				if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
					t.Errorf("the spool holds %v, %v", left, err)
				}
			}
		}
	}
}

// TestStreamGrows sends enough for several parts of the published schedule.
func TestStreamGrows(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	want := content(68<<20+1, 1)
	s := w.stream("k", newStream(bytes.NewReader(want)))
	s.Send.PartSize = 0
	e.send(s)
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantBytes("k", want)
	if got := len(w.sentParts()); got != 5 {
		t.Errorf("%d parts, want 5 of 16 MiB", got)
	}
	w.wantClean(e)
}

// TestStreamFaults cuts connections and damages answers; what cannot be read twice is sent twice all the same.
func TestStreamFaults(t *testing.T) {
	for seed := range uint64(10) {
		for _, noMD5 := range []bool{false, true} {
			w := newWorld(t)
			w.server.SetFaults(int64(seed),
				emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Probability: 0.3, Effect: emulator.ResetBody{After: 40_000}},
				emulator.Fault{Op: emulator.OpComplete, Times: 1, Effect: emulator.LoseAnswer{}})
			e := w.engine()
			want := content(30*int(model.MinPartSize)+11, seed)
			s := w.stream("k", newStream(bytes.NewReader(want)))
			s.Send.NoMD5 = noMD5
			e.send(s)
			wantStatus(t, e.settled(), model.StatusDone)
			w.wantBytes("k", want)
			w.wantClean(e)
		}
	}
}

// TestStreamThatEndsWrongStoresNothing is about every way in which a stream is no whole one.
func TestStreamThatEndsWrongStoresNothing(t *testing.T) {
	const part = int(model.MinPartSize)
	broken := errors.New("the producer died")
	for name, test := range map[string]struct {
		from  io.Reader
		left  int // unfinished uploads
		empty bool
		why   string
	}{
		"at once":               {from: failing{broken}, why: "the producer died"},
		"within the first part": {from: io.MultiReader(bytes.NewReader(content(part-1, 1)), failing{broken}), why: "behind 102399 B"},
		"at a border":           {from: io.MultiReader(bytes.NewReader(content(part, 1)), failing{broken}), why: "the producer died"},
		"in a later part":       {from: io.MultiReader(bytes.NewReader(content(5*part+1, 1)), failing{broken}), left: 1, why: "behind 512001 B"},
		"cut by its own word":   {from: io.MultiReader(bytes.NewReader(content(3*part+1, 1)), failing{io.ErrUnexpectedEOF}), left: 1, why: "unexpected EOF"},
		"without a byte":        {from: bytes.NewReader(nil), empty: true, why: "without a byte"},
	} {
		w := newWorld(t)
		e := w.engine()
		s := w.stream("k", newStream(test.from))
		s.FailOnEmpty = test.empty
		e.send(s)
		j := wantStatus(t, e.settled(), model.StatusFailed)
		w.wantNoObject("k")
		if got := w.server.UploadCount(bucket); got != test.left {
			t.Errorf("%s: %d uploads left, want %d", name, got, test.left)
		}
		if !strings.Contains(j.Problem.Why, test.why) {
			t.Errorf("%s: %q does not say %q", name, j.Problem.Why, test.why)
		}
		advice := strings.Join(j.Problem.Next, "\n")
		if strings.Contains(advice, "resume") || (test.left > 0) != strings.Contains(advice, "partway abort oss://tests/k --upload-id "+j.Ref.UploadID) {
			t.Errorf("%s: the advice is %q", name, advice)
		}
		if test.left > 0 && j.PartsDone != (5*part+1)/part && j.PartsDone != 3 {
			t.Errorf("%s: %d parts were finished: those on their way should be", name, j.PartsDone)
		}
	}
}

// TestStreamPaused stops a stream whose producer is silent: the read ends, the parts stay, and another process does not try it.
func TestStreamPaused(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	const whole = 3
	from := newStream()
	reached := make(chan struct{})
	from.Reader = io.MultiReader(bytes.NewReader(content(whole*int(model.MinPartSize)+5, 1)), silent{from, reached})
	e.send(w.stream("k", from))
	<-reached
	e.until("the parts to arrive", func(s *model.Snapshot) bool { return s.Jobs[0].PartsDone == whole })
	if err := e.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	j := wantStatus(t, e.settled(), model.StatusFailed)
	if !strings.Contains(j.Problem.Why, "interrupted") || !strings.Contains(strings.Join(j.Problem.Next, " "), "cannot be rewound") {
		t.Errorf("the problem is %v", j.Problem)
	}
	w.wantNoObject("k")
	e.close()
	w.quiet()

	later := w.engine()
	saved := later.Saved()
	if len(saved) != 1 || !saved[0].Intent.Stream || saved[0].UploadID == "" {
		t.Fatalf("saved: %+v", saved)
	}
	if err := later.TakeSaved(context.Background(), saved[0].ID); err != nil {
		t.Fatal(err)
	}
	j = wantStatus(t, later.settled(), model.StatusFailed)
	if !strings.Contains(j.Problem.Why, "cannot be read again") {
		t.Errorf("the problem is %v", j.Problem)
	}
	later.do(model.Abort{Place: w.place, Refs: []model.Ref{j.Ref}})
	later.until("the abort", func(s *model.Snapshot) bool { return s.Jobs[0].Status == model.StatusAborted })
	w.wantClean(later)
}

// TestStreamCompletedByHand makes an object of what arrived, and nothing is remembered of the stream.
func TestStreamCompletedByHand(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	want := content(4*int(model.MinPartSize), 1)
	e.send(w.stream("k", newStream(bytes.NewReader(want), bytes.NewReader([]byte("x")), failing{errors.New("died")})))
	j := wantStatus(t, e.settled(), model.StatusFailed)
	e.close()
	later := w.engine()
	list, err := later.Parts(context.Background(), w.place, j.Ref)
	if err != nil {
		t.Fatal(err)
	}
	later.do(model.CompleteUpload{Place: w.place, Ref: j.Ref, Seen: list.Parts})
	wantStatus(t, later.settled(), model.StatusDone)
	w.wantBytes("k", want)
	w.wantClean(later)
}

// TestStreamHoldsTheProducerBack: no more is read than there are parts held, and one part fewer once one was stored.
func TestStreamHoldsTheProducerBack(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: emulator.Hook{Func: func(*http.Request) { <-release }}})
	e := w.engine()
	const part, atOnce = model.MinPartSize, 3
	from, feed := io.Pipe()
	s := w.stream("k", from)
	s.Send.Parts = atOnce
	e.send(s)
	taken := make(chan int64)
	go func() {
		var n int64
		for {
			written, err := feed.Write(make([]byte, 1024))
			n += int64(written)
			if err != nil {
				taken <- n
				return
			}
		}
	}()
	e.until("the slots to fill", func(s *model.Snapshot) bool { return s.Jobs[0].Parts == atOnce })
	from.Close() // what was taken until now is what was taken while nothing was stored
	n := <-taken
	// bufio reads at most its buffer ahead.
	if n > atOnce*part+8192 {
		t.Errorf("%d bytes were taken with room for %d", n, atOnce*part)
	}
	close(release)
	wantStatus(t, e.settled(), model.StatusFailed)
}

// TestStreamAndObject applies the rule for an object that exists.
func TestStreamAndObject(t *testing.T) {
	for _, size := range []int{10, 3 * int(model.MinPartSize)} {
		for rule, want := range map[model.IfExists]model.Status{
			model.IfExistsFail: model.StatusFailed, model.IfExistsSkip: model.StatusSkipped, model.IfExistsOverwrite: model.StatusDone,
		} {
			w := newWorld(t)
			e := w.engine()
			e.send(w.stream("k", newStream(strings.NewReader("old"))))
			wantStatus(t, e.settled(), model.StatusDone)
			s := w.stream("k", newStream(bytes.NewReader(content(size, 3))))
			s.Write.IfExists = rule
			e.send(s)
			wantStatus(t, e.settled(), want)
			if rule == model.IfExistsOverwrite {
				w.wantBytes("k", content(size, 3))
			} else {
				w.wantBytes("k", []byte("old"))
			}
			if n := w.server.UploadCount(bucket); n != 0 {
				t.Errorf("%d bytes, %q: %d uploads left", size, rule, n)
			}
		}
	}
}

func TestStreamRefused(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	for name, change := range map[string]func(*transfer.Stream){
		"key":                    func(s *transfer.Stream) { s.Key = "/x" },
		"part too small":         func(s *transfer.Stream) { s.Send.PartSize = 1 },
		"part beyond the budget": func(s *transfer.Stream) { s.Send.PartSize = transfer.SpoolBudget + 1 },
		"expected beyond it":     func(s *transfer.Stream) { s.Send.PartSize, s.Expected = 0, 20*model.TiB },
		"longer than any object": func(s *transfer.Stream) { s.Send.PartSize, s.Expected = 0, model.MaxObjectSize+1 },
	} {
		from := newStream(failing{errors.New("read")})
		s := w.stream("k", from)
		change(&s)
		if err := e.SendStream(context.Background(), s); err == nil {
			t.Errorf("%s: taken", name)
		}
		select {
		case <-from.closed:
		default:
			t.Errorf("%s: the reader stays open", name)
		}
	}
	if jobs := e.Snapshot().Jobs; len(jobs) != 0 {
		t.Errorf("jobs: %+v", jobs)
	}
}

// TestStreamSpoolFails has a folder that takes nothing.
func TestStreamSpoolFails(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	s := w.stream("k", newStream(bytes.NewReader(content(10, 1))))
	s.SpoolDir = t.TempDir() + "/none"
	e.send(s)
	j := wantStatus(t, e.settled(), model.StatusFailed)
	if !strings.Contains(j.Problem.Why, "spool in ") {
		t.Errorf("the problem is %v", j.Problem)
	}
	w.wantNoObject("k")
}
