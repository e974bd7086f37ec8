//go:build unix

package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestRealFiles uses the file system: permissions, links and things that are no files.
func TestRealFiles(t *testing.T) {
	const text = "[profile.a]\nregion='cn-hangzhou'\naccess_key_id='i'\naccess_key_secret='s'\n"
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want string // words of the error, "" = it is read
	}{
		{"private", func(t *testing.T, p string) { write(t, p, text, 0o600) }, ""},
		{"read only", func(t *testing.T, p string) { write(t, p, text, 0o400) }, ""},
		{"group readable", func(t *testing.T, p string) { write(t, p, text, 0o640) }, "chmod 600 ~/.config/partway/config.toml"},
		{"world readable", func(t *testing.T, p string) { write(t, p, text, 0o604) }, "mode 0604"},
		{"link to a private file", func(t *testing.T, p string) { link(t, p, text, 0o600) }, ""},
		{"link to a public file", func(t *testing.T, p string) { link(t, p, text, 0o644) }, "chmod 600"},
		{"link to nowhere", func(t *testing.T, p string) { check(t, os.Symlink("/nonexistent/x", p)) }, "not there"},
		{"folder", func(t *testing.T, p string) { check(t, os.Mkdir(p, 0o700)) }, "not a regular file"},
		{"fifo", func(t *testing.T, p string) { check(t, syscall.Mkfifo(p, 0o600)) }, "not a regular file"},
		{"huge", func(t *testing.T, p string) { write(t, p, strings.Repeat("#\n", maxFileSize), 0o600) }, "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			path := filepath.Join(home, ".config", "partway", "config.toml")
			check(t, os.MkdirAll(filepath.Dir(path), 0o700))
			tt.make(t, path)
			m := &machine{}
			s := m.sources()
			s.Home, s.ReadFile = home, OSFiles()
			p, err := Resolve(t.Context(), s)
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want == "" && key(t, p) != "i/s/":
				t.Errorf("key %q", key(t, p))
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	// The file of another tool is read all the same, with a warning.
	m := ossutil("")
	m.files[ossutilPath] = fakeFile{text: "[default]\naccessKeyID=i\naccessKeySecret=s\nregion=cn-hangzhou\n", mode: 0o644}
	if p := resolve(t, m); !hasWarning(p, "chmod 600 ~/.ossutilconfig") {
		t.Errorf("warnings %q", p.Warnings)
	}
	m.files[ossutilPath] = fakeFile{mode: fs.ModeDir | 0o700}
	if err := wantError(t, m, "~/.ossutilconfig: not a regular file"); !errors.Is(err, errNotRegular) {
		t.Errorf("%v", err)
	}
}

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	check(t, os.WriteFile(path, []byte(text), mode))
	check(t, os.Chmod(path, mode))
}

func link(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	write(t, path+".real", text, mode)
	check(t, os.Symlink(path+".real", path))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
