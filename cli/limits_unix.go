//go:build unix

package cli

import "golang.org/x/sys/unix"

// forbidCoreFiles keeps a crash from writing the memory, in which secrets are, to the disk. Where it is refused there is nothing
// else to do.
func forbidCoreFiles() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
