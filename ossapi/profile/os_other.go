//go:build !unix

package profile

import (
	"io/fs"
	"os/exec"
)

const openNonblock = 0

// exposed and foreign: mode bits and owners say nothing about access on this system, where the home folder is private.
func exposed(fs.FileInfo) bool { return false }
func foreign(fs.FileInfo) bool { return false }

func ownGroup(*exec.Cmd) {}

func shell(command string) []string { return []string{"cmd.exe", "/C", command} }
