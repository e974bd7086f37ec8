package state

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"partway/model"
)

// maxJournal is the largest file that is taken for a journal: one of 10 000 parts has about 2 MB, and a job may begin anew now and
// then.
const maxJournal = 256 << 20

// errGone is what a journal that was removed while it was looked at says: its job has ended.
var errGone = fs.ErrNotExist

// Load reads every journal of the folder, the oldest job first, and says what was found damaged. SavedJob.Owner is set for a job
// that another process (or another Store) works on; it is nil for those that this Store has claimed, whose unsaved records are in
// the SavedJob too.
//
// A damaged journal is mended at once, so that its Damage is told once: the original is kept beside it. One that another process
// owns, or that a newer version wrote, is only read. What is no journal at all (a directory, a symlink, a file that cannot be
// read) stays where it is and is told of each time. The error is that the folder cannot be listed.
func (s *Store) Load() ([]model.SavedJob, []model.Damage, error) {
	entries, err := os.ReadDir(s.uploads)
	if err != nil {
		return nil, nil, fmt.Errorf("list the journals: %w", err)
	}
	s.mu.Lock()
	damages := s.damage
	s.damage = nil
	s.mu.Unlock()
	ids := map[model.JobID]bool{}
	for _, entry := range entries {
		name, isJournal := strings.CutSuffix(entry.Name(), journalSuffix)
		if isJournal && idForm.MatchString(name) {
			ids[model.JobID(name)] = true
		}
	}
	for _, entry := range entries {
		name, half := strings.CutSuffix(entry.Name(), journalSuffix+newSuffix)
		if id := model.JobID(name); half && idForm.MatchString(name) && !ids[id] {
			s.sweep(id)
		}
	}
	for _, j := range s.all() { // one that could not be written yet has no file
		ids[j.id] = true
	}
	var jobs []model.SavedJob
	for id := range ids {
		job, damage := s.look(id)
		if job != nil {
			jobs = append(jobs, *job)
		}
		if damage != nil {
			damages = append(damages, *damage)
		}
	}
	slices.SortFunc(damages, func(a, b model.Damage) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(jobs, func(a, b model.SavedJob) int {
		return cmp.Or(a.Begun.Compare(b.Begun), cmp.Compare(a.ID, b.ID))
	})
	return jobs, damages, nil
}

// sweepAfter is how old the beginning of a journal must be to be taken for what a crash left: making one takes milliseconds.
const sweepAfter = time.Minute

// sweep removes what a crash left of a journal that was being made. Nobody was told that it was there: its intent had not been
// acknowledged.
func (s *Store) sweep(id model.JobID) {
	next := s.path(id) + newSuffix
	if info, err := os.Lstat(next); err != nil || s.clock().Sub(info.ModTime()) < sweepAfter {
		return
	}
	f, err := s.fs.OpenFile(next, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if s.lockCurrent(id, next, f, true) != nil {
		return
	}
	if s.fs.Remove(next) == nil {
		s.removeOwner(id)
	}
}

// Claim takes a saved job over and reads its journal again. It returns a *model.OwnedError, wrapped or not, if another process
// works on the job, an error that is fs.ErrNotExist if there is no such journal, and one that is ErrNewer, with the job, if it
// cannot be written.
func (s *Store) Claim(id model.JobID) (model.SavedJob, error) {
	job, damage, err := s.take(id)
	if damage != nil {
		s.mu.Lock()
		s.damage = append(s.damage, *damage)
		s.mu.Unlock()
	}
	var owned *model.OwnedError
	if err != nil && !errors.As(err, &owned) { // which is a sentence for people as it is
		err = fmt.Errorf("journal %s: claim: %w", id, err)
	}
	return job, err
}

// take claims a journal, mending it if it is damaged.
func (s *Store) take(id model.JobID) (model.SavedJob, *model.Damage, error) {
	j, err := s.reserve(id)
	if err != nil {
		return model.SavedJob{}, nil, err
	}
	defer j.mu.Unlock()
	job, damage, err := j.open()
	if err != nil {
		j.gone = true
		s.drop(j)
	}
	return job, damage, err
}

// open opens a journal that is there, for writing behind its last line. mu is held.
func (j *journal) open() (model.SavedJob, *model.Damage, error) {
	s := j.store
	f, err := s.openLocked(j.id, true)
	if err != nil {
		return model.SavedJob{}, nil, err
	}
	s.writeOwner(j.id)
	giveUp := func() {
		s.removeOwner(j.id)
		f.Close()
	}
	data, err := readWhole(f)
	if err != nil {
		giveUp()
		return model.SavedJob{}, nil, err
	}
	r := read(j.id, data)
	switch {
	case r.newer:
		giveUp()
		job, err := model.Replay(j.id, r.records)
		return job, nil, errors.Join(ErrNewer, err)
	case r.headless():
		damage := s.setAside(j.path, r)
		giveUp()
		return model.SavedJob{}, damage, errors.New(damage.Text)
	}
	var damage *model.Damage
	j.file, j.good, j.ragged = f, r.end, r.size > r.end
	if r.damaged() {
		var clean *os.File
		if clean, damage = s.mend(j.path, data, r); clean != nil {
			f.Close()
			j.file, j.good, j.ragged, r.loose = clean, int64(len(r.clean())), false, 0
		}
	}
	j.synced = j.good
	for _, raw := range r.raw[len(r.raw)-r.loose:] { // whole, but for the line feed
		_ = j.keep(line{text: append(bytes.Clone(raw), lineEnd)}) // the first ones always find room
	}
	if j.write() != nil {
		s.later()
	}
	job, err := model.Replay(j.id, r.records)
	return job, damage, err
}

// openLocked opens a journal and locks it, exclusively for writing or shared for reading.
func (s *Store) openLocked(id model.JobID, exclusive bool) (*os.File, error) {
	for tries := 0; ; tries++ {
		f, err := s.openJournal(id, exclusive)
		if err != nil {
			return nil, err
		}
		err = s.lockCurrent(id, s.path(id), f, exclusive)
		if err == nil {
			return f, nil
		}
		f.Close()
		if !errors.Is(err, errReplaced) || tries == maxTries {
			return nil, err
		}
	}
}

// openJournal opens a journal if it is a regular file.
func (s *Store) openJournal(id model.JobID, write bool) (*os.File, error) {
	path := s.path(id)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("in place of a journal there is a %s: move it away", kindOf(info.Mode()))
	}
	if write {
		return s.fs.OpenFile(path, 0)
	}
	return os.OpenFile(path, os.O_RDONLY|openNoFollow, 0)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeSymlink != 0:
		return "symlink"
	}
	return "special file"
}

// readWhole reads an open journal from its beginning.
func readWhole(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxJournal {
		return nil, fmt.Errorf("it has more than %s, which no journal has: move it away", model.FormatSize(maxJournal))
	}
	return io.ReadAll(io.NewSectionReader(f, 0, maxJournal))
}

// look reads one journal for Load. Both results are nil if its job has ended meanwhile, or is only about to begin.
func (s *Store) look(id model.JobID) (*model.SavedJob, *model.Damage) {
	if j, err := s.held(id); err == nil {
		if job := j.current(); job != nil {
			return job, nil
		}
	}
	r, owner, err := s.peek(id)
	if err != nil {
		if errors.Is(err, errGone) {
			return nil, nil
		}
		return nil, &model.Damage{Path: s.path(id), Text: "this journal cannot be read and is left as it is: " + err.Error()}
	}
	if owner == nil && !r.newer && (r.damaged() || r.headless()) {
		job, damage, err := s.mendNow(id)
		var owned *model.OwnedError
		switch {
		case err == nil:
			return &job, damage
		case damage != nil, errors.Is(err, errGone):
			return nil, damage
		case errors.As(err, &owned):
			owner = &owned.Owner
		default:
			return r.unmended(id, nil, s.path(id), "it cannot be mended: "+err.Error())
		}
	}
	if owner != nil {
		return r.unmended(id, owner, s.path(id), "it is left as it is, since another process works on it")
	}
	return r.unmended(id, nil, s.path(id), "it is left as it is, since a newer version of partway wrote it")
}

// peek reads a journal without changing it, and says who owns it.
func (s *Store) peek(id model.JobID) (*reading, *model.Owner, error) {
	f, err := s.openLocked(id, false)
	var owned *model.OwnedError
	if errors.As(err, &owned) {
		if f, err = s.openJournal(id, false); err != nil {
			return nil, nil, err
		}
	} else if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if owned == nil {
		if _, err := os.Lstat(s.ownerPath(id)); err == nil { // by a process that was killed
			s.removeOwner(id)
		}
	}
	data, err := readWhole(f)
	if err != nil {
		return nil, nil, err
	}
	r := read(id, data)
	if owned != nil {
		return r, &owned.Owner, nil
	}
	return r, nil, nil
}

// mendNow claims a journal for as long as it takes to mend it.
func (s *Store) mendNow(id model.JobID) (model.SavedJob, *model.Damage, error) {
	job, damage, err := s.take(id)
	if err == nil {
		if err := s.Release(id); err != nil { // a line that is whole but for its line feed could not be closed
			if j, heldErr := s.held(id); heldErr == nil {
				j.abandon()
				s.drop(j)
			}
		}
	}
	return job, damage, err
}

// unmended is what Load says of a journal that was only read. why says why it was not mended, should it be damaged.
func (r *reading) unmended(id model.JobID, owner *model.Owner, path, why string) (*model.SavedJob, *model.Damage) {
	if r.headless() {
		if owner != nil && r.lost == 0 && len(r.records) == 0 {
			return nil, nil // its first line is being written
		}
		if r.newer {
			return nil, &model.Damage{Path: path, Text: "this journal was written by a newer version of partway and cannot be read: use that version"}
		}
		return nil, &model.Damage{Path: path, Lines: r.lost, Text: r.headlessText() + "; " + why}
	}
	job, err := model.Replay(id, r.records)
	if err != nil {
		return nil, &model.Damage{Path: path, Text: err.Error() + "; " + why}
	}
	job.Owner = owner
	if !r.damaged() {
		return &job, nil
	}
	return &job, &model.Damage{Path: path, Lines: r.lost + r.leftOut, Text: r.text() + "; " + why}
}

// current is the job of a journal that is being written, with the records that are not on the disk yet; nil if it is not.
func (j *journal) current() *model.SavedJob {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.gone {
		return nil
	}
	var data []byte
	if j.file != nil {
		data = make([]byte, j.good)
		if _, err := j.file.ReadAt(data, 0); err != nil {
			return nil
		}
	}
	for _, l := range j.unsaved {
		data = append(data, l.text...)
	}
	job, err := model.Replay(j.id, read(j.id, data).records)
	if err != nil {
		return nil
	}
	return &job
}
