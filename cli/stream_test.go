package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/iotest"
)

func TestPumpGivesEveryByte(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789"), 30_000)
	for name, from := range map[string]io.Reader{
		"whole":        bytes.NewReader(want),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(want)),
		"end with it":  iotest.DataErrReader(bytes.NewReader(want)),
	} {
		p := newPump(from)
		if got, err := io.ReadAll(iotest.HalfReader(p)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if n, err := p.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("%s: behind the end: %d, %v", name, n, err)
		}
		p.Close()
	}
	broken := errors.New("broken")
	p := newPump(io.MultiReader(bytes.NewReader(want), iotest.ErrReader(broken)))
	defer p.Close()
	if got, err := io.ReadAll(p); !errors.Is(err, broken) || len(got) != len(want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestPumpClosed ends a Read whose producer is silent, and reads no more than it was asked for.
func TestPumpClosed(t *testing.T) {
	from, feed := io.Pipe()
	p := newPump(from)
	go func() { _, _ = feed.Write([]byte("abc")) }()
	buffer := make([]byte, 2)
	if n, err := io.ReadFull(p, buffer); err != nil || string(buffer[:n]) != "ab" {
		t.Fatalf("%q, %v", buffer[:n], err)
	}
	if n, err := io.ReadFull(p, buffer[:1]); err != nil || buffer[0] != 'c' {
		t.Fatalf("%q, %v", buffer[:n], err)
	}
	ended := make(chan error)
	go func() {
		_, err := p.Read(buffer)
		ended <- err
	}()
	p.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("the read ended with %v", err)
	}
	p.Close()
	if _, err := p.Read(buffer); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a read behind Close: %v", err)
	}
	feed.Close() // the last read of the pump, which nothing else could end
}
