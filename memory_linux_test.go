package main

import (
	"fmt"
	"os"
	"strings"
)

// peakMemoryOf is the peak memory of a running process in bytes, 0 once it has ended. What the system counts for a process that has
// ended is no use: it begins with the peak of the process that started it.
func peakMemoryOf(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		var kilobytes int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			return kilobytes * kib
		}
	}
	return 0
}
