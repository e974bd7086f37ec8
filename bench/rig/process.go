package rig

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Usage is what the operating system counted for a process from its start to its end.
type Usage struct {
	Wall time.Duration
	CPU  time.Duration // user and system, of all threads
	RSS  int64         // peak resident memory in bytes; 0 where the system does not tell
}

// Run runs a command to its end. Its output is discarded; a failure carries the end of its standard error.
func Run(cmd *exec.Cmd) (Usage, error) {
	said := &tail{most: 2 << 10}
	cmd.Stderr = said
	begun := time.Now()
	err := cmd.Run()
	wall := time.Since(begun)
	if err != nil {
		return Usage{}, fmt.Errorf("%s: %w: %s", cmd.Args[0], err, strings.TrimSpace(said.String()))
	}
	state := cmd.ProcessState
	return Usage{Wall: wall, CPU: state.UserTime() + state.SystemTime(), RSS: peakRSS(state)}, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	bytes.Buffer
	most int
}

func (t *tail) Write(p []byte) (int, error) {
	n, err := t.Buffer.Write(p)
	if over := t.Len() - t.most; over > 0 {
		t.Next(over)
	}
	return n, err
}
