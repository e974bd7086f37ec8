package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"partway/model"
)

const (
	// maxHistory is the size at which the history is put aside and begun anew: about 10 000 jobs. One old one is kept.
	maxHistory = 4 << 20
	oldSuffix  = ".old"

	// historyWait is how long another process may write to the history before this one gives up; a write takes milliseconds.
	historyWait = 2 * time.Second
	historyStep = 2 * time.Millisecond

	// historyVersion is the version of the lines that this program writes.
	historyVersion = 1
)

// History returns the outcomes of finished jobs, the newest first and at most limit of them; 0 means all that are kept. A job that
// a crash made end twice is returned once, as it ended last. Lines that cannot be read are passed over. Without a history it is
// empty.
func (s *Store) History(limit int) ([]model.Finished, error) {
	var list []model.Finished
	seen := map[model.JobID]bool{}
	for _, path := range []string{s.history, s.history + oldSuffix} {
		data, err := readHistory(path)
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
		for _, e := range slices.Backward(cut(data).entries) {
			var outcome model.Finished
			if e.payload == nil || json.Unmarshal(e.payload, &outcome) != nil || seen[outcome.Job] {
				continue
			}
			if limit > 0 && len(list) == limit {
				return list, nil
			}
			seen[outcome.Job] = true
			list = append(list, outcome)
		}
	}
	return list, nil
}

func readHistory(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openNoFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Whatever the file was made into by others: no more than this is ever written to it.
	return io.ReadAll(io.LimitReader(f, 2*maxHistory))
}

// remember writes an outcome to the history; it is on the disk when remember returns nil.
func (s *Store) remember(outcome model.Finished) error {
	if outcome.V == 0 {
		outcome.V = historyVersion
	}
	if outcome.At.IsZero() {
		outcome.At = s.clock()
	}
	text, err := encodeLine(outcome)
	if err != nil {
		return err
	}
	s.historyMu.Lock()
	defer s.historyMu.Unlock()
	for range maxTries {
		err = s.addToHistory(text)
		if !errors.Is(err, errReplaced) {
			return err
		}
	}
	return err
}

// addToHistory appends a line, or returns errReplaced after the history was begun anew, by this process or another one.
func (s *Store) addToHistory(text []byte) error {
	f, err := s.fs.OpenFile(s.history, os.O_CREATE)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := s.lockHistory(f)
	if err != nil {
		return err
	}
	if size > 0 && size+int64(len(text)) > maxHistory {
		if err := s.fs.Rename(s.history, s.history+oldSuffix); err != nil {
			return err
		}
		return errReplaced
	}
	if size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != lineEnd { // a crash cut the last line: it stays a line of its own
			text = append([]byte{lineEnd}, text...)
		}
	}
	if _, err := writeAll(s.fs, f, text, size); err != nil {
		_ = s.fs.Truncate(f, size) // else the next line is parted from the piece by its line feed
		return err
	}
	if err := s.fs.Sync(f); err != nil {
		return err
	}
	if size == 0 {
		return syncDir(s.fs, s.history)
	}
	return nil
}

// lockHistory waits until no other process writes to the history, and returns its size.
func (s *Store) lockHistory(f *os.File) (int64, error) {
	for waited := time.Duration(0); ; waited += historyStep {
		locked, err := flock(f, true)
		if err != nil {
			return 0, err
		}
		if locked {
			break
		}
		if waited >= historyWait {
			return 0, errors.New("another process keeps it locked")
		}
		time.Sleep(historyStep)
	}
	opened, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !opened.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is not a file: move it away", f.Name())
	}
	named, err := os.Lstat(s.history)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(opened, named) {
		return 0, errReplaced
	}
	return opened.Size(), err
}
