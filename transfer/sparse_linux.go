package transfer

import (
	"io/fs"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// statBlock is the unit of st_blocks, whatever the file system's own is (stat(2)).
const statBlock = 512

// restBeforeHoles is how long a file must not have been written to before its file system is believed about its holes. OpenZFS up to
// 2.2.1 called data a hole that had been written seconds ago (its issue 15526).
const restBeforeHoles = time.Minute

// hasHoles reports whether a file takes less of the disk than it has bytes. One whose blocks are compressed does, too: looking for holes in
// it finds none and costs next to nothing.
func hasHoles(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Blocks*statBlock < info.Size() && time.Since(info.ModTime()) > restBeforeHoles
}

// NextData asks the file system (lseek(2), SEEK_DATA). Where it does not know, everything is data.
func (f *File) NextData(offset int64) int64 {
	if !f.sparse {
		return offset
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return offset
	}
	data := offset
	var seekErr error
	if err := raw.Control(func(fd uintptr) { data, seekErr = unix.Seek(int(fd), offset, unix.SEEK_DATA) }); err != nil {
		return offset
	}
	switch seekErr {
	case nil:
		return data
	case unix.ENXIO: // no data from here to the end, wherever that is by now
		if info, err := f.Stat(); err == nil {
			return max(info.Size(), offset)
		}
	}
	return offset
}
