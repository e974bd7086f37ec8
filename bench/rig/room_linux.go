package rig

import (
	"os"

	"golang.org/x/sys/unix"
)

// memoryDir is where Linux has a file system in memory for everybody.
const memoryDir = "/dev/shm"

// roomyDir is the memory-backed folder if there is one we may write to with room for need bytes; else the temporary folder.
func roomyDir(need int64) string {
	var fs unix.Statfs_t
	if unix.Access(memoryDir, unix.W_OK|unix.X_OK) != nil || unix.Statfs(memoryDir, &fs) != nil {
		return os.TempDir()
	}
	// Not to the last page: others use the same memory.
	if free := int64(fs.Bavail) * fs.Bsize; fs.Type != unix.TMPFS_MAGIC || free < need+need/8 {
		return os.TempDir()
	}
	return memoryDir
}
