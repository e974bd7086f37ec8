package state

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// datasync puts the content of a file on the disk, and of its metadata what is needed to read it: the size, not the times.
func datasync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EINTR) {
			return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
		}
	}
}

// networkDisk names the network file system that a directory is on, or is empty: locks there depend on a server and a network.
func networkDisk(dir string) string {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return ""
	}
	return networkName(int64(stat.Type))
}

func networkName(magic int64) string {
	switch magic & 0xffffffff { // 32-bit systems sign the type
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC:
		return "SMB"
	case unix.AFS_SUPER_MAGIC:
		return "AFS"
	}
	return ""
}
