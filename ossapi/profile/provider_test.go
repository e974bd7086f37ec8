package profile

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partway/ossapi"
)

// source is a fetch that can be told what to give.
type source struct {
	calls atomic.Int64
	life  time.Duration // 0: no end
	delay time.Duration
	fail  error
}

func (f *source) fetch(ctx context.Context) (ossapi.Credentials, error) {
	n := f.calls.Add(1)
	if f.delay > 0 {
		select {
		case <-time.After(f.delay):
		case <-ctx.Done():
			return ossapi.Credentials{}, ctx.Err()
		}
	}
	if f.fail != nil {
		return ossapi.Credentials{}, f.fail
	}
	c := ossapi.Credentials{AccessKeyID: "id" + string(rune('0'+n)), AccessKeySecret: "CANARY"}
	if f.life != 0 {
		c.Expires = time.Now().Add(f.life)
	}
	return c, nil
}

func id(t *testing.T, p *Provider) string {
	t.Helper()
	c, err := p.Credentials(t.Context())
	if err != nil {
		t.Fatalf("Credentials: %v", err)
	}
	return c.AccessKeyID
}

func TestProviderRefreshesAt80PercentOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &source{life: 100 * time.Minute}
		p := newProvider("test", time.Now, f.fetch)
		for _, step := range []struct {
			wait time.Duration
			want string
		}{{0, "id1"}, {79 * time.Minute, "id1"}, {time.Minute, "id2"}, {79 * time.Minute, "id2"}} {
			time.Sleep(step.wait)
			if got := id(t, p); got != step.want {
				t.Errorf("after %v more: %s, want %s", step.wait, got, step.want)
			}
		}
		// A failed refresh is bridged with the old ones until these end, with a pause between the tries.
		f.fail = errors.New("down")
		time.Sleep(time.Minute)
		if got := id(t, p); got != "id2" || f.calls.Load() != 3 {
			t.Errorf("%s after %d fetches", got, f.calls.Load())
		}
		if id(t, p); f.calls.Load() != 3 {
			t.Error("the failing fetch is repeated at once")
		}
		time.Sleep(retryAfter)
		if id(t, p); f.calls.Load() != 4 {
			t.Error("the failing fetch is not repeated after its pause")
		}
		time.Sleep(20 * time.Minute)
		if _, err := p.Credentials(t.Context()); !errors.Is(err, f.fail) || !strings.Contains(err.Error(), "credentials from test") {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestProviderInvalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &source{}
		p := newProvider("test", time.Now, f.fetch)
		p.Invalidate() // before anything was fetched: nothing to forget
		id(t, p)
		time.Sleep(1000 * time.Hour)
		if got := id(t, p); got != "id1" {
			t.Errorf("credentials without an end are fetched again: %s", got)
		}
		for range 100 { // a hundred parts fail with one expired token
			p.Invalidate()
		}
		if got := id(t, p); got != "id2" {
			t.Errorf("after Invalidate: %s", got)
		}
		p.Invalidate() // an echo of the same
		if got := id(t, p); got != "id2" {
			t.Errorf("an echo fetched again: %s", got)
		}
		if err := p.Refresh(t.Context()); err != nil || id(t, p) != "id3" {
			t.Errorf("Refresh: %v, %s", err, id(t, p))
		}
		f.fail = errors.New("down")
		time.Sleep(invalidateGap)
		p.Invalidate()
		if _, err := p.Credentials(t.Context()); err == nil {
			t.Error("refused credentials are used on")
		}
		f.fail = nil
		if got := id(t, p); got != "id5" {
			t.Errorf("no recovery: %s", got)
		}
	})
}

func TestProviderIsSingleFlight(t *testing.T) {
	for _, fail := range []error{nil, errors.New("down")} {
		synctest.Test(t, func(t *testing.T) {
			f := &source{delay: time.Second, fail: fail}
			p := newProvider("test", time.Now, f.fetch)
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if _, err := p.Credentials(t.Context()); !errors.Is(err, fail) {
						t.Errorf("error %v, want %v", err, fail)
					}
				})
			}
			wg.Wait()
			if n := f.calls.Load(); n != 1 {
				t.Errorf("%d fetches for 50 callers (failing with %v)", n, fail)
			}
		})
	}
}

func TestProviderCallersGiveUpAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &source{delay: time.Minute}
		p := newProvider("test", time.Now, f.fetch)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { // it fetches, and gives up: that is no verdict for the others
			if _, err := p.Credentials(short); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the one who fetches: %v", err)
			}
		})
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				if got := id(t, p); got != "id2" {
					t.Errorf("the ones who wait: %s", got)
				}
			})
		}
		wg.Wait()
	})
}

func TestProviderRefusesWhatHasEnded(t *testing.T) {
	f := &source{life: -time.Second}
	p := newProvider("test", time.Now, f.fetch)
	if _, err := p.Credentials(t.Context()); err == nil || !strings.Contains(err.Error(), "they ended at") {
		t.Errorf("error %v", err)
	}
}

// TestFilesAreReadAgain: another tool renews the keys in its file while we run.
func TestFilesAreReadAgain(t *testing.T) {
	tests := []struct {
		m        *machine
		path     string
		old, new string
	}{
		{config("[profile.a]\nregion='r-1'\naccess_key_id='old'\naccess_key_secret='s'\n"), configPath, "old", "new"},
		{ossutil("[default]\nregion=r-1\naccessKeyID=old\naccessKeySecret=s\n"), ossutilPath, "old", "new"},
		{aliyun(`{"profiles":[{"name":"x","mode":"AK","access_key_id":"old","access_key_secret":"s","region_id":"r-1"}]}`), aliyunPath, "old", "new"},
	}
	for _, tt := range tests {
		p := resolve(t, tt.m)
		if got := key(t, p); got != "old/s/" {
			t.Fatalf("key %q", got)
		}
		f := tt.m.files[tt.path]
		tt.m.files[tt.path] = file(strings.Replace(f.text, tt.old, tt.new, 1))
		if got := key(t, p); got != "old/s/" {
			t.Errorf("%s is read before anybody asked: %q", tt.path, got)
		}
		tt.m.now = tt.m.now.Add(time.Minute)
		p.Credentials.(*Provider).Invalidate()
		if got := key(t, p); got != "new/s/" {
			t.Errorf("%s is not read again: %q", tt.path, got)
		}
		delete(tt.m.files, tt.path)
		if err := p.Credentials.(*Provider).Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "no longer there: not there") {
			t.Errorf("%s is gone: %v", tt.path, err)
		}
	}
}

// TestProviderEnds: the end is told where nothing is done about it, and only there.
func TestProviderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &source{life: 100 * time.Minute}
		p := newProvider("test", time.Now, f.fetch)
		ends := func(when string, want bool) {
			t.Helper()
			if got := p.Ends(); got.IsZero() == want || want && !got.Equal(p.Expires()) {
				t.Errorf("%s: %v, the cached ones end at %v", when, got, p.Expires())
			}
		}
		ends("before the first fetch", false)
		id(t, p)
		ends("renewed in time", false)
		time.Sleep(85 * time.Minute)
		f.fail = errors.New("down")
		id(t, p)
		ends("a renewal failed", true)
		f.fail = nil
		time.Sleep(retryAfter)
		id(t, p)
		ends("renewed after all", false)
		p.fixed = true
		ends("nobody makes new ones", true)
	})
}
