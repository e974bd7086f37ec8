package state

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"partway/model"
)

// badSuffix is of an original that was damaged; the time when it was found follows.
const badSuffix = ".bad-"

// newSuffix is of the file that takes the place of a damaged journal. One that a crash left behind is written over the next time.
const newSuffix = ".new"

// clean is the good lines of a journal as a file of their own.
func (r *reading) clean() []byte {
	var b bytes.Buffer
	for _, raw := range r.raw {
		b.Write(raw)
		b.WriteByte(lineEnd)
	}
	return b.Bytes()
}

// mend puts a journal of the good lines in the place of a damaged one and keeps the original beside it. It returns the new file,
// locked, or nil if that failed: then nothing was changed, and the journal can still be written to behind its last line. The
// caller holds the lock of the damaged one. No moment is without a journal, and none has one that another process could claim.
func (s *Store) mend(path string, data []byte, r *reading) (*os.File, *model.Damage) {
	damage := &model.Damage{Path: path, Lines: r.lost + r.leftOut, Text: r.text()}
	f, saved, err := s.replace(path, data, r.clean())
	if err != nil {
		damage.Text += fmt.Sprintf("; the journal could not be mended, and is used as it is: %v", err)
		return nil, damage
	}
	damage.Saved = saved
	return f, damage
}

func (s *Store) replace(path string, data, clean []byte) (f *os.File, saved string, err error) {
	next := path + newSuffix
	f, err = s.fs.OpenFile(next, os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			_ = s.fs.Remove(next)
			f.Close()
			f = nil
		}
	}()
	locked, err := flock(f, true)
	if err == nil && !locked {
		err = errors.New("another process mends it")
	}
	if err == nil {
		_, err = writeAll(s.fs, f, clean, 0)
	}
	if err == nil {
		err = s.fs.Sync(f)
	}
	if err != nil {
		return f, "", err
	}
	if saved, err = s.keepOriginal(path, data); err != nil {
		return f, "", err
	}
	if err = s.fs.Rename(next, path); err != nil {
		_ = s.fs.Remove(saved)
		return f, "", err
	}
	// Until this has reached the disk, a power loss brings back the damaged journal, to be mended again.
	_ = syncDir(s.fs, path)
	return f, saved, nil
}

// keepOriginal gives a damaged journal a second name, which costs no space on a full disk; where there are no hard links it is
// copied.
func (s *Store) keepOriginal(path string, data []byte) (string, error) {
	if saved := s.secondName(path); saved != "" {
		return saved, nil
	}
	saved := s.freeName(path)
	if err := s.fs.Link(path, saved); err == nil {
		return saved, nil
	}
	f, err := s.fs.OpenFile(saved, os.O_CREATE|os.O_EXCL)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err = writeAll(s.fs, f, data, 0); err == nil {
		err = s.fs.Sync(f)
	}
	if err != nil {
		_ = s.fs.Remove(saved)
		return "", err
	}
	return saved, nil
}

// secondName is the name that a mending which was cut short gave the original already, or "".
func (s *Store) secondName(path string) string {
	original, err := os.Lstat(path)
	if err != nil {
		return ""
	}
	entries, err := os.ReadDir(s.uploads)
	if err != nil {
		return ""
	}
	for _, entry := range entries {
		name := filepath.Join(s.uploads, entry.Name())
		if !strings.HasPrefix(name, path+badSuffix) {
			continue
		}
		if info, err := entry.Info(); err == nil && os.SameFile(info, original) {
			return name
		}
	}
	return ""
}

// setAside moves a journal away whose intent is lost: there is nothing to go on with. The caller holds its lock.
func (s *Store) setAside(path string, r *reading) *model.Damage {
	damage := &model.Damage{Path: path, Lines: r.lost + r.leftOut + len(r.records), Text: r.headlessText()}
	saved := s.freeName(path)
	if err := s.fs.Rename(path, saved); err != nil {
		damage.Text += fmt.Sprintf("; it could not be moved away: %v", err)
		return damage
	}
	_ = syncDir(s.fs, path) // undone by a power loss, it is moved again
	damage.Saved = saved
	return damage
}

// freeName is <path>.bad-<time>, with a number behind it where that is taken.
func (s *Store) freeName(path string) string {
	base := path + badSuffix + s.clock().UTC().Format("20060102T150405Z")
	name := base
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) || n > 1000 {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}
