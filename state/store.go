package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"partway/model"
)

// DefaultSync is the longest time that a record which is not durable stays only in the system's memory.
const DefaultSync = 200 * time.Millisecond

// ErrNotClaimed is returned, wrapped, for a job whose journal this Store does not hold.
var ErrNotClaimed = errors.New("its journal is not claimed")

// ErrNewer is returned, wrapped, for a journal that a newer version of the program wrote: it can be looked at, not worked on.
var ErrNewer = errors.New("a newer version of partway wrote its journal: use that version, or a newer one")

// Options say where the state lies and who keeps it.
type Options struct {
	Dir   string           // made with mode 0700 if it is not there; required
	Host  string           // this machine, for messages to other processes; empty: what the system says
	PID   int              // this process, likewise; 0: what the system says
	Clock func() time.Time // stamps records without a time; nil: time.Now
	Sync  time.Duration    // group commit of records that are not durable; 0: DefaultSync
	FS    FS               // nil: Disk
}

// Store keeps the journals of one state folder. Other processes may have the same folder open: each journal belongs to the one
// that claimed it. Its methods may be called from several goroutines.
type Store struct {
	uploads  string // the folder of the journals
	history  string // path of the history
	self     model.Owner
	clock    func() time.Time
	sync     time.Duration
	fs       FS
	warnings []string

	mu       sync.Mutex
	journals map[model.JobID]*journal // claimed, or being claimed
	damage   []model.Damage           // mended by Claim, to be told by the next Load
	closed   bool
	flushing bool          // the flusher runs
	wake     chan struct{} // capacity 1: something is not on the disk
	stop     chan struct{}
	done     chan struct{} // closed when the flusher has ended

	historyMu sync.Mutex
}

// Open opens a state folder, making it if need be. It refuses a folder that others could write to. It starts no goroutine: the
// first record that is not durable does.
func Open(options Options) (*Store, error) {
	if !canLock {
		return nil, fmt.Errorf("open the state folder %s: this system has no flock, which keeps two processes from one upload", options.Dir)
	}
	if options.Dir == "" {
		return nil, errors.New("open the state folder: no folder is named")
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the state folder: %w", err)
	}
	s := &Store{
		uploads: filepath.Join(dir, "uploads"), history: filepath.Join(dir, "history.jsonl"),
		self:  model.Owner{PID: options.PID, Host: options.Host},
		clock: options.Clock, sync: options.Sync, fs: options.FS,
		journals: map[model.JobID]*journal{},
		wake:     make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	for _, folder := range []string{dir, s.uploads} {
		if err := makePrivate(folder); err != nil {
			return nil, err
		}
	}
	if s.self.PID == 0 {
		s.self.PID = os.Getpid()
	}
	if s.self.Host == "" {
		if s.self.Host, err = os.Hostname(); err != nil {
			s.self.Host = "localhost"
		}
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.sync <= 0 {
		s.sync = DefaultSync
	}
	if s.fs == nil {
		s.fs = Disk{}
	}
	if name := networkDisk(s.uploads); name != "" {
		s.warnings = append(s.warnings, fmt.Sprintf(
			"the state folder %s is on %s, where locks are unreliable: run one partway at a time, or name a folder on a local disk", dir, name))
	}
	return s, nil
}

// Warnings are sentences on what is not right with the state folder but does not keep it from being used.
func (s *Store) Warnings() []string { return append([]string(nil), s.warnings...) }

// Append writes a record to the journal of a job. The first record of a job must be its intent: it makes the journal and claims
// it. When Append returns nil, a record with Durable() is on the disk; another one is in the hands of the system, which keeps it
// if this process dies, and on the disk within Options.Sync.
//
// An error means that the record is not saved. It is kept in memory and tried again with the next Append, and from time to
// time, unless the error is ErrNotClaimed or speaks of the record itself. Saving returns the error until then.
func (s *Store) Append(id model.JobID, r model.Record) error {
	text, err := s.encode(id, r)
	if err != nil {
		return fmt.Errorf("journal %s: %s record: %w", id, r.Kind, err)
	}
	j, err := s.held(id)
	switch {
	case err == nil:
		err = j.append(text, r) // a later intent begins the job anew, in the same journal
	case r.Kind == model.RecordIntent && errors.Is(err, ErrNotClaimed):
		err = s.begin(id, text)
	}
	if err != nil {
		return fmt.Errorf("journal %s: %s record: %w", id, r.Kind, err)
	}
	return nil
}

// encode writes a record as a line, and refuses one that reading would: what cannot be replayed is not worth keeping.
func (s *Store) encode(id model.JobID, r model.Record) ([]byte, error) {
	if r.At.IsZero() {
		r.At = s.clock()
	}
	if r.Kind == model.RecordIntent {
		if r.V == 0 {
			r.V = model.JournalVersion
		}
		if r.V != model.JournalVersion {
			return nil, fmt.Errorf("version %d cannot be written", r.V)
		}
	}
	if err := replayable(id, r); err != nil {
		return nil, err
	}
	return encodeLine(r)
}

// Release lets a claimed job go and keeps its journal. Everything appended is on the disk when it returns nil; if that fails, the
// job stays claimed and what is not saved is kept.
func (s *Store) Release(id model.JobID) error {
	j, err := s.held(id)
	if err == nil {
		err = j.release()
	}
	if err != nil {
		return fmt.Errorf("journal %s: release: %w", id, err)
	}
	s.drop(j)
	return nil
}

// Forget writes the outcome of a claimed job to the history and removes its journal, in this order: a crash between them leaves
// both, never neither. If the history cannot be written the journal stays, and the job stays claimed.
func (s *Store) Forget(id model.JobID, outcome model.Finished) error {
	j, err := s.held(id)
	if err == nil {
		err = j.forget(outcome)
	}
	if err != nil {
		return fmt.Errorf("journal %s: forget: %w", id, err)
	}
	s.drop(j)
	return nil
}

// Saving is why records are not on the disk, the oldest such error of any job, or nil if all that was appended could be written.
func (s *Store) Saving() error {
	var first error
	var since time.Time
	for _, j := range s.all() {
		if err, at := j.trouble(); err != nil && (first == nil || at.Before(since)) {
			first, since = err, at
		}
	}
	return first
}

// Close writes what is not written, lets every job go and waits for the Store's goroutine. An error means that some records are
// lost; everything is let go all the same. Closing again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	flushing := s.flushing
	s.mu.Unlock()
	close(s.stop)
	if flushing {
		<-s.done
	}
	var errs []error
	for _, j := range s.all() {
		if err := j.release(); err != nil && !errors.Is(err, ErrNotClaimed) {
			errs = append(errs, fmt.Errorf("journal %s: close: %w", j.id, err))
			j.abandon()
		}
		s.drop(j)
	}
	return errors.Join(errs...)
}

// held returns the journal of a job that this Store has claimed.
func (s *Store) held(id model.JobID) (*journal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, os.ErrClosed
	}
	if j := s.journals[id]; j != nil {
		return j, nil
	}
	return nil, ErrNotClaimed
}

// idForm is what a job id may look like: it becomes a file name.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// reserve enters a job as ours, with its journal locked against everybody else in this process. The caller opens the journal or
// drops it, and unlocks it.
func (s *Store) reserve(id model.JobID) (*journal, error) {
	if !idForm.MatchString(string(id)) {
		return nil, fmt.Errorf("%q cannot be the id of a job: 1 to 64 of A-Z a-z 0-9 _ -", id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, os.ErrClosed
	}
	if s.journals[id] != nil {
		return nil, &model.OwnedError{Job: id, Owner: s.self}
	}
	j := &journal{store: s, id: id, path: s.path(id)}
	j.mu.Lock()
	s.journals[id] = j
	return j, nil
}

// drop forgets a journal that was let go, or that could not be opened.
func (s *Store) drop(j *journal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journals[j.id] == j {
		delete(s.journals, j.id)
	}
}

func (s *Store) all() []*journal {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*journal, 0, len(s.journals))
	for _, j := range s.journals {
		list = append(list, j)
	}
	return list
}

func (s *Store) path(id model.JobID) string {
	return filepath.Join(s.uploads, string(id)+journalSuffix)
}

// later has the flusher look at the journals within Options.Sync.
func (s *Store) later() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if !s.flushing {
		s.flushing = true
		go s.flush()
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// flush is the Store's goroutine: it carries records that are not durable to the disk and tries again what could not be written.
func (s *Store) flush() {
	defer close(s.done)
	for {
		select {
		case <-s.stop:
			return
		case <-s.wake:
		}
		for again := true; again; {
			timer := time.NewTimer(s.sync)
			select {
			case <-s.stop:
				timer.Stop()
				return
			case <-timer.C:
			}
			again = false
			for _, j := range s.all() {
				again = j.settle() != nil || again
			}
		}
	}
}
