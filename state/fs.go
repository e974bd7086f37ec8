package state

import (
	"io"
	"os"
	"path/filepath"
)

// FS is how a Store changes the disk. Disk is the real one; a test puts another in front of it to make a write fail. Its methods
// may be called from several goroutines.
type FS interface {
	// OpenFile opens a file to write to, with os.O_RDWR and whatever else flag says, and makes it with mode 0600. It does not
	// follow a symlink in the last element of the path.
	OpenFile(path string, flag int) (*os.File, error)
	// WriteAt writes p at offset off in one system call where the system allows.
	WriteAt(f *os.File, p []byte, off int64) (int, error)
	Truncate(f *os.File, size int64) error
	// Sync returns when the content of the file, or the entries of the directory, are on the disk.
	Sync(f *os.File) error
	Rename(from, to string) error
	Link(from, to string) error
	Remove(path string) error
}

// Disk is the FS of the operating system.
type Disk struct{}

// OpenFile implements FS.
func (Disk) OpenFile(path string, flag int) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|flag|openNoFollow, 0o600)
}

// WriteAt implements FS.
func (Disk) WriteAt(f *os.File, p []byte, off int64) (int, error) { return f.WriteAt(p, off) }

// Truncate implements FS.
func (Disk) Truncate(f *os.File, size int64) error { return f.Truncate(size) }

// Sync implements FS. A directory gets a full fsync: on ext4 its fdatasync may return before a new entry is committed, because the
// size of the directory did not change.
func (Disk) Sync(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return f.Sync()
	}
	return datasync(f)
}

// Rename implements FS.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Link implements FS.
func (Disk) Link(from, to string) error { return os.Link(from, to) }

// Remove implements FS.
func (Disk) Remove(path string) error { return os.Remove(path) }

// syncDir puts the entries of the directory that path lies in on the disk: without it a new, renamed or removed file can be
// forgotten by a power loss even though its content was synced.
func syncDir(fs FS, path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return fs.Sync(dir)
}

// writeAll writes p at off; fewer bytes than that are an error.
func writeAll(fs FS, f *os.File, p []byte, off int64) (int, error) {
	n, err := fs.WriteAt(f, p, off)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}
