package profile

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// machine is a pretended computer.
type machine struct {
	files map[string]fakeFile
	env   map[string]string
	flags Flags
	run   func(ctx context.Context, command string) ([]byte, error)
	meta  string // base URL of the metadata service
	http  *http.Client
	now   time.Time
}

type fakeFile struct {
	text string
	mode fs.FileMode
}

func (f fakeFile) Name() string       { return "" }
func (f fakeFile) Size() int64        { return int64(len(f.text)) }
func (f fakeFile) Mode() fs.FileMode  { return f.mode }
func (f fakeFile) ModTime() time.Time { return time.Time{} }
func (f fakeFile) IsDir() bool        { return f.mode.IsDir() }
func (f fakeFile) Sys() any           { return nil }

// refused is a transport of a machine that is no ECS: nobody listens.
type refused struct{}

func (refused) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

const (
	configPath  = "/home/u/.config/partway/config.toml"
	ossutilPath = "/home/u/.ossutilconfig"
	aliyunPath  = "/home/u/.aliyun/config.json"
)

func (m *machine) sources() Sources {
	if m.now.IsZero() {
		m.now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	}
	client := m.http
	if client == nil {
		client = &http.Client{Transport: refused{}}
	}
	return Sources{
		Flags: m.flags, Home: "/home/u", HTTP: client, MetadataURL: m.meta, RunCommand: m.run,
		Getenv: func(name string) string { return m.env[name] },
		Clock:  func() time.Time { return m.now },
		ReadFile: func(path string) ([]byte, fs.FileInfo, error) {
			f, ok := m.files[path]
			if !ok {
				return nil, nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			if f.mode == 0 {
				f.mode = 0o600
			}
			return []byte(f.text), f, nil
		},
	}
}

func file(text string) fakeFile { return fakeFile{text: text} }

func config(text string) *machine {
	return &machine{files: map[string]fakeFile{configPath: file(text)}}
}

func ossutil(text string) *machine {
	return &machine{files: map[string]fakeFile{ossutilPath: file(text)}}
}

func aliyun(text string) *machine {
	return &machine{files: map[string]fakeFile{aliyunPath: file(text)}}
}

func resolve(t *testing.T, m *machine) Profile {
	t.Helper()
	p, err := Resolve(t.Context(), m.sources())
	if err != nil {
		t.Fatalf("Resolve: %v", err)
	}
	return p
}

// key returns the access key id, secret and token that requests would be signed with.
func key(t *testing.T, p Profile) string {
	t.Helper()
	c, err := p.Credentials.Credentials(t.Context())
	if err != nil {
		t.Fatalf("Credentials: %v", err)
	}
	return c.AccessKeyID + "/" + c.AccessKeySecret.Reveal() + "/" + c.SecurityToken.Reveal()
}

// wantError checks that resolving fails with all the words.
func wantError(t *testing.T, m *machine, words ...string) error {
	t.Helper()
	p, err := Resolve(t.Context(), m.sources())
	if err == nil {
		t.Fatalf("Resolve gave %+v, want an error with %q", p, words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q lacks %q", err, w)
		}
	}
	return err
}

func hasWarning(p Profile, words ...string) bool {
	for _, w := range p.Warnings {
		all := true
		for _, word := range words {
			all = all && strings.Contains(w, word)
		}
		if all {
			return true
		}
	}
	return false
}
