//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package state

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// canLock reports whether this system has what keeps two processes apart.
const canLock = true

// openNoFollow keeps a planted symlink from being written through, and a FIFO from being waited for.
const openNoFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK

// flock takes the advisory lock of an open file, exclusively or shared with other readers, and does not wait: false means that
// somebody else has it. The system frees it when the file is closed, and so when the process dies in whatever way.
func flock(f *os.File, exclusive bool) (bool, error) {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		}
		return false, &os.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
}

// processLives reports whether a process of that id exists on this machine.
func processLives(pid int) bool {
	err := unix.Kill(pid, 0)
	return pid > 0 && (err == nil || errors.Is(err, unix.EPERM))
}

// fileOwner returns the user id that a file belongs to, and ours.
func fileOwner(info os.FileInfo) (owner, self int, known bool) {
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, 0, false
	}
	return int(stat.Uid), os.Geteuid(), true
}
