//go:build unix

package transfer

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// openWithoutBlocking opens for reading; O_NONBLOCK keeps the open of a FIFO without a writer from hanging.
func openWithoutBlocking(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
}

func fileIdentity(info fs.FileInfo) (device, inode uint64, changed time.Time) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Dev), uint64(stat.Ino), changeTime(stat)
	}
	return 0, 0, time.Time{}
}
