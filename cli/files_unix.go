//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// openFolder opens a folder and nothing else: the open of a FIFO would wait for its writer.
func openFolder(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
}

// readable reports whether the kernel would let this process read a file, or list and enter a folder.
func readable(path string, folder bool) bool {
	mode := uint32(unix.R_OK)
	if folder {
		mode |= unix.X_OK
	}
	return unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS) == nil
}
