//go:build unix

package rig

import (
	"os"
	"runtime"
	"syscall"
)

// peakRSS is the largest resident memory the process ever had, in bytes. On Linux it is never below the memory of the process
// that started it, because a child inherits that mark when it is forked: Floor measures how much this is.
func peakRSS(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) // in bytes there, in KiB elsewhere
	}
	return int64(usage.Maxrss) << 10
}
