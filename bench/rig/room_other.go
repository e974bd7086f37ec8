//go:build !linux

package rig

import "os"

// memoryDir is not known here.
const memoryDir = ""

// roomyDir is the temporary folder.
func roomyDir(int64) string { return os.TempDir() }
