//go:build !linux

package state

import "os"

// datasync is a full sync where the system has nothing lighter that can be trusted.
func datasync(f *os.File) error { return f.Sync() }

// networkDisk is not known on this system.
func networkDisk(string) string { return "" }
