package transfer

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"hash/crc64"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
)

func TestPolicyWait(t *testing.T) {
	p := Policy{}.withDefaults()
	for n, ceiling := range map[int]time.Duration{
		1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 5: 3200 * time.Millisecond, 8: 25600 * time.Millisecond,
		9: 30 * time.Second, 63: 30 * time.Second, 64: 30 * time.Second, 100_000: 30 * time.Second,
	} {
		if got := p.wait(n, 1, 0); got != ceiling {
			t.Errorf("failure %d: at most %v, want %v", n, got, ceiling)
		}
		if got := p.wait(n, 0, 0); got != 0 {
			t.Errorf("failure %d: at least %v: the jitter is not full", n, got)
		}
		if got := p.wait(n, 0.5, 0); got != ceiling/2 {
			t.Errorf("failure %d: %v in the middle, want %v", n, got, ceiling/2)
		}
		if got := p.wait(n, 0, 1234*time.Millisecond); got != 1234*time.Millisecond {
			t.Errorf("asked for 1.234 s, waits %v", got)
		}
		if got := p.wait(n, 0, 24*time.Hour); got != time.Minute {
			t.Errorf("asked for a day, waits %v", got)
		}
		if got := p.wait(n, 1, -time.Hour); got != ceiling {
			t.Errorf("asked for less than nothing, waits %v", got)
		}
	}
}

func TestPolicyDefaultsKeepWhatIsSet(t *testing.T) {
	set := Policy{Base: 1, Cap: 2, ParkAfter: 3, ReturnAfter: 8, RetryAfterCap: 4, AbortRounds: 5, AbortWait: 6, CompleteTries: 7}
	if got := set.withDefaults(); got != set {
		t.Errorf("%+v", got)
	}
}

func TestMeter(t *testing.T) {
	var m meter
	now, sum := time.Unix(1e9, 0), int64(0)
	m.sample(now, sum)
	if m.eta(100) >= 0 {
		t.Error("an ETA from one sample")
	}
	for range 4 * 120 { // two minutes at 1000 B/s
		now, sum = now.Add(250*time.Millisecond), sum+250
		m.sample(now, sum)
	}
	if m.mean < 999 || m.mean > 1001 || m.average() != 1000 || len(m.history) != 120 || m.eta(60_000).Round(time.Second) != time.Minute {
		t.Errorf("mean %v, average %v, %d seconds, eta %v", m.mean, m.average(), len(m.history), m.eta(60_000))
	}
	for range 4 * 60 { // then nothing
		now = now.Add(250 * time.Millisecond)
		m.sample(now, sum)
	}
	if m.mean > 200 || m.mean <= 0 || m.best < 999 {
		t.Errorf("mean %v and best %v after a minute of nothing", m.mean, m.best)
	}
	before := append([]float32(nil), m.history...)
	shared := m.history
	for range 4 * 400 {
		now, sum = now.Add(250*time.Millisecond), sum+10
		m.sample(now, sum)
	}
	if len(m.history) != meterHistory || fmt.Sprint(shared) != fmt.Sprint(before) {
		t.Errorf("%d seconds of history, or one that was handed out has changed", len(m.history))
	}
	// A clock that is set back, or counters that begin again, never make a rate negative.
	m.sample(now.Add(-time.Hour), sum)
	m.sample(now, 0)
	m.sample(now.Add(time.Second), 10)
	if m.mean < 0 || m.average() < 0 || m.eta(1<<62) >= 0 && m.eta(1<<62) < time.Hour {
		t.Errorf("mean %v, average %v", m.mean, m.average())
	}
}

func TestPaceClimbs(t *testing.T) {
	for _, c := range []struct {
		name string
		rate func(limit int) int64 // bytes a look
		want int
	}{
		{"a line that grows with every connection", func(limit int) int64 { return int64(limit) * 1000 }, maxParts},
		{"a line that is full at once", func(int) int64 { return 1000 }, paceStart},
		{"a line that is full with twice the start", func(limit int) int64 { return int64(min(limit, 2*paceStart)) * 1000 }, 2 * paceStart},
	} {
		p, now, sum := newPace(), time.Unix(1e9, 0), int64(0)
		p.look(now, 0)
		for range 40 {
			now, sum = now.Add(paceInterval), sum+c.rate(p.current())
			p.look(now, sum)
		}
		if p.current() != c.want {
			t.Errorf("%s: %d at once, want %d", c.name, p.current(), c.want)
		}
	}
}

func TestPaceHalvesAndRecovers(t *testing.T) {
	p, now := newPace(), time.Unix(1e9, 0)
	p.limit, p.climbing = 16, false
	for range 10 { // ten refusals of one moment
		p.throttled(now)
	}
	if p.current() != 8 {
		t.Errorf("%d at once after ten refusals of one moment, want 8", p.current())
	}
	for range 6 {
		now = now.Add(paceCooldown)
		p.throttled(now)
	}
	if p.current() != 1 {
		t.Errorf("%d at once, want 1: never none", p.current())
	}
	for range paceRecovery * 5 {
		p.succeeded()
	}
	if p.current() != 6 {
		t.Errorf("%d at once after %d parts, want 6", p.current(), paceRecovery*5)
	}
	for range paceRecovery * 100 {
		p.succeeded()
	}
	if p.current() != maxParts {
		t.Errorf("%d at once in the end, want %d", p.current(), maxParts)
	}
}

// Waiters are served in the order they came, no more at once than the limit, and a change of the limit counts at once.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2)
		var mu sync.Mutex
		var order []int
		for i := range 6 {
			go func() {
				if g.acquire(t.Context()) == nil {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
				}
			}()
			synctest.Wait()
		}
		want := func(text string) {
			t.Helper()
			synctest.Wait()
			if fmt.Sprint(order) != text {
				t.Fatalf("served %v, want %s", order, text)
			}
		}
		want("[0 1]")
		g.release()
		want("[0 1 2]")
		g.resize(3)
		want("[0 1 2 3]")
		g.resize(4)
		want("[0 1 2 3 4]")
		g.resize(1)
		g.release()
		g.release()
		g.release()
		want("[0 1 2 3 4]") // one place, one holder
		g.release()
		want("[0 1 2 3 4 5]")
		g.resize(-5)
		if g.size() != 1 {
			t.Errorf("size %d", g.size())
		}
		g.release()
	})
}

func TestGateCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		if err := g.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		reason := errors.New("reason")
		ctx, cancel := context.WithCancelCause(t.Context())
		got := make(chan error)
		go func() { got <- g.acquire(ctx) }()
		synctest.Wait()
		cancel(reason)
		if err := <-got; !errors.Is(err, reason) {
			t.Errorf("%v", err)
		}
		g.release()
		if err := g.acquire(t.Context()); err != nil || g.held != 1 || len(g.lines[nil]) != 0 {
			t.Errorf("%v: %d held, %d wait", err, g.held, len(g.lines[nil]))
		}
		for range 1000 { // a place given in the same moment as the cancellation is not lost
			ctx, cancel := context.WithCancel(t.Context())
			go func() { got <- g.acquire(ctx) }()
			synctest.Wait()
			go cancel()
			go g.release()
			if <-got == nil {
				g.release()
			}
			synctest.Wait()
			if g.held != 0 {
				t.Fatalf("%d places are held by nobody", g.held)
			}
			if err := g.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The lanes give what crypto/md5 and hash/crc64 give, at every border of a block and of a buffer, whoever else is hashing.
func TestHasher(t *testing.T) {
	h := newHasher()
	defer h.close()
	sizes := []int{0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 102400}
	for _, border := range []int{32 << 10, 64 << 10, 128 << 10, 192 << 10} {
		sizes = append(sizes, border-65, border-64, border-1, border, border+1, border+63, border+64)
	}
	data := make([]byte, 300<<10)
	rand.NewChaCha8([32]byte{1}).Read(data)
	var wait sync.WaitGroup
	for round := range 3 {
		for _, size := range sizes {
			wait.Go(func() {
				at := model.Range{Offset: int64(round * 777), Size: int64(size)}
				got, err := h.sum(context.Background(), bytes.NewReader(data), at, true, true)
				want := data[at.Offset:at.End()]
				if err != nil || got.md5 != md5.Sum(want) || got.crc64 != crc64.Checksum(want, crc64.MakeTable(crc64.ECMA)) {
					t.Errorf("%d bytes at %d: wrong sums, %v", size, at.Offset, err)
				}
			})
		}
	}
	wait.Wait()
	var short *shortError
	if _, err := h.sum(t.Context(), bytes.NewReader(data[:100_000]), model.Range{Offset: 50_000, Size: 60_000}, true, false); !errors.As(err, &short) || short.at != 100_000 {
		t.Errorf("a file that ends: %v", err)
	}
	reason := errors.New("reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	if _, err := h.sum(ctx, bytes.NewReader(data), model.Range{Size: 100}, true, true); !errors.Is(err, reason) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := h.sum(t.Context(), broken{}, model.Range{Size: 100}, true, true); !errors.Is(err, errBroken) {
		t.Errorf("a disk that fails: %v", err)
	}
	if h.lanes.held != 0 {
		t.Errorf("%d lanes are held by nobody", h.lanes.held)
	}
}

var errBroken = errors.New("input/output error")

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errBroken }

// The sum of a whole file is that of its pieces, whatever its size, and an end that comes too early is told.
func TestWholeCRC(t *testing.T) {
	h := newHasher()
	defer h.close()
	h.crcPiece = 64 << 10
	data := make([]byte, 200*h.crcPiece+12345) // more pieces than lanes
	rand.NewChaCha8([32]byte{2}).Read(data)
	for _, size := range []int64{0, 1, h.crcPiece - 1, h.crcPiece, h.crcPiece + 1, int64(len(data))} {
		got, err := h.wholeCRC(t.Context(), bytes.NewReader(data), size)
		if want := crc64.Checksum(data[:size], crcTable()); err != nil || got != want {
			t.Errorf("%d bytes: %x, want %x, %v", size, got, want, err)
		}
	}
	var short *shortError
	if _, err := h.wholeCRC(t.Context(), bytes.NewReader(data), int64(len(data))+1); !errors.As(err, &short) {
		t.Errorf("a file that ends: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBroken)
	if _, err := h.wholeCRC(ctx, bytes.NewReader(data), h.crcPiece); !errors.Is(err, errBroken) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestZeroSums(t *testing.T) {
	h := newHasher()
	defer h.close()
	for _, size := range []int64{1, 2, 3, 31, 4096, 102400, 102401, 1<<20 + 7} {
		for range 2 { // found out, and remembered
			want := make([]byte, size)
			for _, wantMD5 := range []bool{false, true} {
				got, err := h.sum(t.Context(), hole(size), model.Range{Size: size}, wantMD5, true)
				if err != nil || got.crc64 != crc64.Checksum(want, crcTable()) || wantMD5 && got.md5 != md5.Sum(want) {
					t.Errorf("%d zeros: wrong sums, %v", size, err)
				}
			}
		}
	}
}

// hole is a file without a byte of data that must not be read.
type hole int64

func (h hole) NextData(int64) int64              { return int64(h) }
func (h hole) ReadAt([]byte, int64) (int, error) { return 0, errBroken }

// Lanes that were used for everything but MD5, or given up, are as good as new.
func TestLanesThatWereUsedOtherwise(t *testing.T) {
	h := newHasher()
	defer h.close()
	data := make([]byte, 3*laneBuffer)
	rand.NewChaCha8([32]byte{3}).Read(data)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	all := model.Range{Size: int64(len(data))}
	got := make(chan sums, 1)
	go func() {
		for range 5 {
			_, _ = h.sum(t.Context(), bytes.NewReader(data), all, false, true)
			_, _ = h.sum(t.Context(), hole(100), model.Range{Size: 100}, true, true)
			_, _ = h.sum(t.Context(), broken{}, all, true, true)
			_, _ = h.sum(t.Context(), bytes.NewReader(data[:laneBuffer]), all, true, true)
			_, _ = h.sum(cancelled, bytes.NewReader(data), all, true, true)
		}
		sum, err := h.sum(t.Context(), bytes.NewReader(data), all, true, true)
		if err != nil {
			t.Error(err)
		}
		got <- sum
	}()
	select {
	case sum := <-got:
		if sum.md5 != md5.Sum(data) {
			t.Error("a lane that was used gives another sum")
		}
	case <-time.After(time.Minute):
		t.Fatal("a lane that was used never gives a sum")
	}
}
