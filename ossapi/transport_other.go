//go:build !linux

package ossapi

import "syscall"

// limitUnacked does nothing: only Linux has TCP_USER_TIMEOUT under this name.
// The silence limit of the call ends a dead connection here.
func limitUnacked(_, _ string, _ syscall.RawConn) error { return nil }
