package ossapi

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// limitUnacked lets a connection fail when bytes it has sent stay
// unacknowledged for too long. Otherwise a link that went away is noticed only
// after the kernel's retransmissions, some 15 minutes.
func limitUnacked(_, _ string, conn syscall.RawConn) error {
	// A kernel that knows no such option still makes good connections.
	return conn.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unackedTimeout.Milliseconds()))
	})
}
