package transfer

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"partway/model"
)

// File is a local file as a Source.
type File struct {
	*os.File
	path   string
	sparse bool // it had holes when it was opened
}

// NotRegularError is a path that cannot be sent because it has no fixed bytes: a directory, FIFO, device, socket, or a file of a
// kernel file system.
type NotRegularError struct {
	Path string
	Kind string
}

func (e *NotRegularError) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Path, e.Kind)
}

// OpenFile opens a regular file for sending. It never blocks on a FIFO and never reads a device: it looks at what it opened, not
// at the name. A symbolic link is followed, since whoever names a file means what it points to; directory walks decide for
// themselves.
func OpenFile(path string) (Source, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	f, err := openWithoutBlocking(absolute)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = CheckRegular(absolute, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{File: f, path: absolute, sparse: hasHoles(info)}, nil
}

// CheckRegular says why the file at path could not be sent, or nil. Files below /proc, /sys and /dev call themselves regular and
// have no size that could be trusted.
func CheckRegular(path string, info fs.FileInfo) error {
	for _, root := range []string{"/proc/", "/sys/", "/dev/"} {
		if strings.HasPrefix(path, root) && !strings.HasPrefix(path, "/dev/shm/") {
			return &NotRegularError{Path: path, Kind: "a file of the kernel below " + strings.TrimSuffix(root, "/")}
		}
	}
	mode := info.Mode()
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return &NotRegularError{Path: path, Kind: "a directory"}
	case mode&fs.ModeNamedPipe != 0:
		return &NotRegularError{Path: path, Kind: "a FIFO"}
	case mode&fs.ModeSocket != 0:
		return &NotRegularError{Path: path, Kind: "a socket"}
	case mode&fs.ModeDevice != 0:
		return &NotRegularError{Path: path, Kind: "a device"}
	case mode&fs.ModeSymlink != 0:
		return &NotRegularError{Path: path, Kind: "a symbolic link"}
	}
	return &NotRegularError{Path: path, Kind: "a special file"}
}

// Fingerprint looks at the open file, not at what has its name by now.
func (f *File) Fingerprint() (model.Fingerprint, error) {
	info, err := f.Stat()
	if err != nil {
		return model.Fingerprint{}, fmt.Errorf("look at %s: %w", f.path, err)
	}
	return fingerprintOf(f.path, info), nil
}

func fingerprintOf(path string, info fs.FileInfo) model.Fingerprint {
	device, inode, changed := fileIdentity(info)
	// UTC, so that a fingerprint that went through a journal in another time zone is equal to the byte.
	return model.Fingerprint{Path: path, Device: device, Inode: inode, Size: info.Size(), ModTime: info.ModTime().UTC(), Changed: changed}
}
