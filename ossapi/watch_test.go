package ossapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bubble runs f with a client and a server that are joined by pipes, in virtual
// time: waiting costs nothing and is exact.
func bubble(t *testing.T, h http.HandlerFunc, f func(t *testing.T, c *Client, dials *int)) {
	synctest.Test(t, func(t *testing.T) {
		pipes := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: h}
		done := make(chan struct{})
		go func() { defer close(done); _ = server.Serve(pipes) }()
		dials := 0
		d := newDialer()
		transport := newTransport(Options{})
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			dials++
			here, there := net.Pipe()
			pipes.conns <- there
			return &watchedConn{Conn: here, buffers: &d.buffers}, nil
		}
		c := clientOf(t, "http://oss.example.com", func(o *Options) {
			o.Transport = transport
			o.IdleTimeout, o.CompleteTimeout = 30*time.Second, 5*time.Minute
		})
		f(t, c, &dials)
		transport.CloseIdleConnections()
		_ = server.Close()
		<-done
		time.Sleep(2 * time.Hour) // of virtual time: the handlers and net/http's lingering closes come to an end
	})
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// after reports how long f took of virtual time.
func after(f func() error) (time.Duration, error) {
	start := time.Now()
	err := f()
	return time.Since(start), err
}

func wantSilence(t *testing.T, err error, took, want time.Duration) {
	t.Helper()
	e := wantKind(t, err, KindTemporary)
	var silence *silenceError
	if !errors.As(err, &silence) || !strings.Contains(e.Error(), "no byte moved for "+want.String()) {
		t.Errorf("got %v, want a silence of %v", err, want)
	}
	if took < want || took > 2*want {
		t.Errorf("took %v, want %v", took, want)
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	never := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	bubble(t, never, func(t *testing.T, c *Client, _ *int) {
		for name, do := range everyCall(t, c) {
			want := 30 * time.Second
			if name == "complete" {
				want = 5 * time.Minute
			}
			took, err := after(do)
			wantSilence(t, err, took, want)
		}
	})
}

func TestServerThatStopsReading(t *testing.T) {
	bubble(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
		time.Sleep(time.Hour)
	}, func(t *testing.T, c *Client, _ *int) {
		const size = 16 << 20
		took, err := after(func() error {
			_, err := c.UploadPart(t.Context(), UploadPartRequest{Upload: testUpload, PartNumber: 1, Size: size, Body: io.LimitReader(zeros{}, size)})
			return err
		})
		wantSilence(t, err, took, 30*time.Second)
	})
}

// slowReader gives a byte after each wait, as a low rate limit does.
type slowReader struct {
	left int
	wait time.Duration
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(r.wait)
	r.left--
	p[0] = 'x'
	return 1, nil
}

func TestSlownessIsNotSilence(t *testing.T) {
	bubble(t, func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 1024)
		for {
			_, err := r.Body.Read(buf)
			if err != nil {
				break
			}
			if r.ContentLength > 1000 {
				time.Sleep(5 * time.Second) // for a kilobyte
			}
		}
		w.Header().Set("ETag", `"E"`)
	}, func(t *testing.T, c *Client, dials *int) {
		for name, r := range map[string]UploadPartRequest{
			"the body waits":      {Body: &slowReader{left: 5, wait: time.Minute}, Size: 5},
			"the server is slow":  {Body: io.LimitReader(zeros{}, 600<<10), Size: 600 << 10},
			"nothing out of it":   {Body: strings.NewReader("x"), Size: 1},
			"the body waits long": {Body: &slowReader{left: 1, wait: time.Hour}, Size: 1},
		} {
			r.Upload, r.PartNumber = testUpload, 1
			if _, err := c.UploadPart(t.Context(), r); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if *dials != 1 {
			t.Errorf("%d connections were made for calls one after the other", *dials)
		}
	})
}

func TestPooledConnections(t *testing.T) {
	bubble(t, saying(204, ""), func(t *testing.T, c *Client, dials *int) {
		// Longer than IdleTimeout, shorter than the pool keeps it.
		for range 10 {
			if err := c.Abort(t.Context(), testUpload); err != nil {
				t.Fatal(err)
			}
			time.Sleep(40 * time.Second)
		}
		if *dials != 1 {
			t.Errorf("%d connections: an idle one did not survive", *dials)
		}
		time.Sleep(time.Minute)
		if err := c.Abort(t.Context(), testUpload); err != nil || *dials != 2 {
			t.Errorf("%d connections, %v: the pool keeps one for too long", *dials, err)
		}
	})
}

func TestDrippingAnswer(t *testing.T) {
	bubble(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "<ListPartsResult>")
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Second)
		}
	}, func(t *testing.T, c *Client, _ *int) {
		took, err := after(everyCall(t, c)["list parts"])
		wantSilence(t, err, took, 30*time.Second)
	})
}

func TestLateCompleteSucceeds(t *testing.T) {
	bubble(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(4 * time.Minute)
		_, _ = io.WriteString(w, "<CompleteMultipartUploadResult/>")
	}, func(t *testing.T, c *Client, _ *int) {
		if err := everyCall(t, c)["complete"](); err != nil {
			t.Error(err)
		}
	})
}
