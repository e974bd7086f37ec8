//go:build darwin || freebsd || netbsd

package transfer

import (
	"syscall"
	"time"
)

// changeTime is when the inode last changed. Systems disagree about the name of the field, not about what it means.
func changeTime(stat *syscall.Stat_t) time.Time { return time.Unix(stat.Ctimespec.Unix()).UTC() }
