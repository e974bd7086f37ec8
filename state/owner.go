package state

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"partway/model"
)

// A journal belongs to whoever holds the exclusive flock of its file; the system ends that with the process, however it dies. The
// lock cannot say who holds it, so the holder writes itself into a file beside it: written only under the exclusive lock, removed
// before the lock is given up, and left behind only by a process that was killed.
const (
	journalSuffix = ".jsonl"
	ownerSuffix   = ".owner"

	// ownerWait is how long a lock that nobody living seems to hold is tried again before it is refused: another process may
	// be reading the journal, or about to write its name.
	ownerWait = 80 * time.Millisecond
	ownerStep = 4 * time.Millisecond
)

// maxTries bounds how often a file that is replaced while it is opened is opened again.
const maxTries = 10

// errReplaced is returned by lockCurrent when the file was replaced or removed while it was being opened.
var errReplaced = errors.New("the file was replaced meanwhile")

func (s *Store) ownerPath(id model.JobID) string {
	return filepath.Join(s.uploads, string(id)+ownerSuffix)
}

// lock takes the lock of a journal's open file. It returns a *model.OwnedError if another process has it; the owner in it is
// empty if the other did not say who it is.
func (s *Store) lock(id model.JobID, f *os.File, exclusive bool) error {
	for waited := time.Duration(0); ; waited += ownerStep {
		locked, err := flock(f, exclusive)
		if err != nil || locked {
			return err
		}
		owner, known := s.readOwner(id)
		if known && s.lives(owner) || waited >= ownerWait {
			return &model.OwnedError{Job: id, Owner: owner}
		}
		time.Sleep(ownerStep)
	}
}

// lockCurrent is lock, and makes sure that the file is still the one that path leads to: between opening and locking it may
// have been mended, which puts another file in its place, or removed.
func (s *Store) lockCurrent(id model.JobID, path string, f *os.File, exclusive bool) error {
	if err := s.lock(id, f, exclusive); err != nil {
		return err
	}
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !os.SameFile(opened, named):
		return errReplaced
	}
	return err
}

// lives reports whether a process may still be there. Of another machine nothing can be known.
func (s *Store) lives(owner model.Owner) bool {
	return owner.Host != s.self.Host || owner.PID == s.self.PID || processLives(owner.PID)
}

// writeOwner says that this process holds the journal. It is called under the exclusive lock. A failure is not one of the claim,
// which the lock decides: another process then learns only that somebody is at work.
func (s *Store) writeOwner(id model.JobID) {
	text, err := json.Marshal(s.self)
	if err != nil {
		return
	}
	f, err := s.fs.OpenFile(s.ownerPath(id), os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = writeAll(s.fs, f, append(text, '\n'), 0)
}

// removeOwner takes the name away. It is called under a lock, exclusive by the holder or shared by a reader: while a reader has it
// there is no holder, so a name that is there was left by a dead one.
func (s *Store) removeOwner(id model.JobID) {
	_ = s.fs.Remove(s.ownerPath(id)) // a name left behind misleads nobody: the lock is free
}

func (s *Store) readOwner(id model.JobID) (owner model.Owner, known bool) {
	f, err := os.OpenFile(s.ownerPath(id), os.O_RDONLY|openNoFollow, 0)
	if err != nil {
		return model.Owner{}, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil || json.Unmarshal(text, &owner) != nil || owner.PID <= 0 {
		return model.Owner{}, false
	}
	return owner, true
}
