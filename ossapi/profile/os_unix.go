//go:build unix

package profile

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// openNonblock keeps the opening of a FIFO from waiting for its writer.
const openNonblock = syscall.O_NONBLOCK

// exposed tells whether people other than the owner can read or change the file.
func exposed(info fs.FileInfo) bool { return info != nil && info.Mode().Perm()&0o077 != 0 }

// foreign tells whether the file belongs to somebody who is neither us nor root, and so could be planted.
func foreign(info fs.FileInfo) bool {
	if info == nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	euid := os.Geteuid()
	return ok && euid != 0 && st.Uid != 0 && st.Uid != uint32(euid)
}

// ownGroup makes the command the head of a process group and kills the whole group when its time is over: killing the
// shell alone would leave its children running and holding the pipe.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

func shell(command string) []string { return []string{"/bin/sh", "-c", command} }
