package state

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"partway/model"
)

// maxUnsaved bounds the bytes of records that one journal keeps in memory while they cannot be written: about 8000 parts.
const maxUnsaved = 1 << 20

// errFull is returned for a record that cannot be written now and that there is no room in memory for.
var errFull = errors.New("too much is unsaved already, it is not kept")

// line is a record on its way to the disk.
type line struct {
	text  []byte // with its line feed
	seq   uint64 // ascending in the order of Append
	spare bool   // a part: if there is no room it is given up, and costs a look at the server's list
}

// journal is the writing end of one job's file. A record goes through three states: unsaved (in memory), unsynced (written; the
// system keeps it if the process dies) and on the disk.
type journal struct {
	store *Store
	id    model.JobID
	path  string

	// syncing is held while the file is synced, so that those who come meanwhile wait and then find their record on the disk
	// by the next sync at the latest: the group commit. It is taken before mu.
	syncing sync.Mutex

	mu       sync.Mutex // never held during a sync
	file     *os.File   // locked; nil if it could not be made yet
	gone     bool       // let go, or never opened
	named    bool       // the directory entry is on the disk
	ragged   bool       // there may be bytes behind good
	good     int64      // offset behind the last line written
	synced   int64      // offset behind the last line on the disk
	seq      uint64     // of the last line
	saved    uint64     // seq of the last line on the disk
	unsaved  []line
	unsynced []line
	waiting  int   // bytes of unsaved
	failure  error // why there are unsaved lines
	failed   time.Time
}

// begin makes the journal of a new job, with its intent as the first line.
func (s *Store) begin(id model.JobID, intent []byte) error {
	j, err := s.reserve(id)
	if err != nil {
		return err
	}
	defer j.mu.Unlock()
	if err := j.keep(line{text: intent}); err != nil {
		j.gone = true
		s.drop(j)
		return err
	}
	err = j.write()
	if errors.Is(err, fs.ErrExist) { // it is somebody else's journal, not a fault of the disk
		j.gone = true
		s.drop(j)
		return err
	}
	s.later()
	return err
}

// create makes the file and locks it, under another name first: an empty journal that nobody holds, even for a moment, would be
// taken for one that a power failure left.
func (j *journal) create() error {
	s := j.store
	next := j.path + newSuffix
	f, err := s.fs.OpenFile(next, os.O_CREATE) // not truncated: it might be another's until it is locked
	if err != nil {
		return err
	}
	if err = s.lockCurrent(j.id, next, f, true); err != nil {
		f.Close()
		return err
	}
	if _, err = os.Lstat(j.path); err == nil {
		err = &os.PathError{Op: "create", Path: j.path, Err: fs.ErrExist}
	} else if errors.Is(err, fs.ErrNotExist) {
		if err = s.fs.Truncate(f, 0); err == nil { // a crash may have left something in it
			s.writeOwner(j.id)
			err = s.fs.Rename(next, j.path)
		}
		if err != nil {
			s.removeOwner(j.id)
		}
	}
	if err != nil {
		_ = s.fs.Remove(next)
		f.Close()
		return err
	}
	j.file = f
	return nil
}

// append writes a record, and for a durable one returns when it is on the disk.
func (j *journal) append(text []byte, r model.Record) error {
	j.mu.Lock()
	if j.gone {
		j.mu.Unlock()
		return ErrNotClaimed
	}
	err := j.keep(line{text: text, spare: r.Kind == model.RecordPart})
	seq := j.seq
	if err == nil {
		err = j.write()
	}
	j.mu.Unlock()
	if r.Durable() && err == nil {
		if err = j.commit(seq); err == nil {
			return nil
		}
	}
	j.store.later()
	return err
}

// keep takes a line into memory, giving up the oldest parts if there is no room. mu is held.
func (j *journal) keep(l line) error {
	if j.waiting+len(l.text) > maxUnsaved {
		var rest []line
		for _, old := range j.unsaved {
			if old.spare && j.waiting+len(l.text) > maxUnsaved {
				j.waiting -= len(old.text)
				j.ragged = true // what follows no longer covers what a failed write left behind
				continue
			}
			rest = append(rest, old)
		}
		j.unsaved = rest
	}
	if j.waiting+len(l.text) > maxUnsaved && len(j.unsaved) > 0 {
		return fmt.Errorf("%w: %w", errFull, j.failure)
	}
	j.seq++
	l.seq = j.seq
	j.unsaved = append(j.unsaved, l)
	j.waiting += len(l.text)
	return nil
}

// write hands all unsaved lines to the system, a record that nothing waits before with one call. After a failed or short write the file ends behind the last whole
// line: the next one must not be merged with a piece. mu is held.
func (j *journal) write() error {
	if len(j.unsaved) == 0 {
		return nil
	}
	err := j.tryWrite()
	if len(j.unsaved) == 0 {
		j.failure = nil
		return nil
	}
	if j.failure == nil {
		j.failed = j.store.clock()
	}
	j.failure = err
	return err
}

func (j *journal) tryWrite() error {
	if j.file == nil {
		if err := j.create(); err != nil {
			return err
		}
	}
	fs := j.store.fs
	if j.ragged {
		if err := fs.Truncate(j.file, j.good); err != nil {
			return err
		}
		j.ragged = false
	}
	for len(j.unsaved) > 0 {
		batch, count := j.batch()
		n, err := writeAll(fs, j.file, batch, j.good)
		done := 0
		for done < count && n >= len(j.unsaved[done].text) {
			n -= len(j.unsaved[done].text)
			j.good += int64(len(j.unsaved[done].text))
			j.waiting -= len(j.unsaved[done].text)
			done++
		}
		j.unsynced = append(j.unsynced, j.unsaved[:done]...)
		j.unsaved = j.unsaved[done:]
		if err != nil {
			j.ragged = fs.Truncate(j.file, j.good) != nil
			return err
		}
	}
	j.unsaved = nil
	return nil
}

// batch is the text of the first unsaved lines, at least one, and how many they are. It is bounded, so that trying a full disk
// again costs little.
func (j *journal) batch() (text []byte, lines int) {
	const enough = 64 << 10
	text = slices.Clip(j.unsaved[0].text)
	for lines = 1; lines < len(j.unsaved) && len(text) < enough; lines++ {
		text = append(text, j.unsaved[lines].text...)
	}
	return text, lines
}

// commit returns when the line of that number is on the disk, with all before it.
func (j *journal) commit(seq uint64) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	return j.commitLocked(seq)
}

// commitLocked is commit for whoever holds syncing.
func (j *journal) commitLocked(seq uint64) error {
	j.mu.Lock()
	seq = min(seq, j.seq)
	if j.saved >= seq { // somebody else's sync carried it
		j.mu.Unlock()
		return nil
	}
	writeErr := j.write()
	file, named, good, upTo := j.file, j.named, j.good, j.lastWritten()
	j.mu.Unlock()

	var syncErr error
	if upTo > 0 {
		syncErr = j.store.fs.Sync(file)
		if syncErr == nil && !named {
			syncErr = syncDir(j.store.fs, j.path)
		}
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case syncErr != nil:
		j.rewrite(syncErr)
		return syncErr
	case upTo > 0:
		j.named, j.synced, j.saved = true, good, upTo
		for len(j.unsynced) > 0 && j.unsynced[0].seq <= upTo {
			j.unsynced = j.unsynced[1:]
		}
	}
	if j.saved >= seq {
		return nil
	}
	return errors.Join(writeErr, j.failure)
}

// lastWritten is the seq of the last line written and not synced, or 0. mu is held.
func (j *journal) lastWritten() uint64 {
	if n := len(j.unsynced); n > 0 {
		return j.unsynced[n-1].seq
	}
	return 0
}

// rewrite makes unsynced lines unsaved again. After a failed sync the system may count the pages as clean though they never
// reached the disk, so that a second sync would succeed and prove nothing: the lines have to be written again. mu is held.
func (j *journal) rewrite(cause error) {
	if j.failure == nil {
		j.failed = j.store.clock()
	}
	j.failure = cause
	for _, l := range j.unsynced {
		j.waiting += len(l.text)
	}
	j.unsaved = append(slices.Clip(j.unsynced), j.unsaved...)
	j.unsynced = nil
	j.good = j.synced
}

// settle brings everything to the disk, for the flusher.
func (j *journal) settle() error { return j.commit(math.MaxUint64) }

// trouble is why there are unsaved lines, and since when.
func (j *journal) trouble() (error, time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.unsaved) == 0 || j.gone {
		return nil, time.Time{}
	}
	return fmt.Errorf("journal %s: %w", j.id, j.failure), j.failed
}

// close marks the journal as let go, after which nothing is appended. It returns ErrNotClaimed if it was already.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.gone {
		return ErrNotClaimed
	}
	j.gone = true
	return nil
}

// reopen takes close back.
func (j *journal) reopen() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.gone = false
}

func (j *journal) release() error {
	if err := j.close(); err != nil {
		return err
	}
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if err := j.commitLocked(math.MaxUint64); err != nil {
		j.reopen()
		return err
	}
	j.unlock()
	return nil
}

// abandon lets the journal go with what could not be saved.
func (j *journal) abandon() {
	if j.close() != nil {
		return
	}
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.unlock()
}

func (j *journal) forget(outcome model.Finished) error {
	if err := j.close(); err != nil {
		return err
	}
	j.syncing.Lock()
	defer j.syncing.Unlock()
	s := j.store
	if err := s.remember(outcome); err != nil {
		j.reopen()
		return fmt.Errorf("write the history: %w", err)
	}
	if j.file != nil {
		if err := s.fs.Remove(j.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			j.reopen()
			return err
		}
		// If this fails the journal may be back after a power loss: its job then ends a second time.
		_ = syncDir(s.fs, j.path)
	}
	j.unlock()
	return nil
}

// unlock ends the claim. syncing is held and gone is set.
func (j *journal) unlock() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil {
		j.store.removeOwner(j.id)
		j.file.Close()
		j.file = nil
	}
}
