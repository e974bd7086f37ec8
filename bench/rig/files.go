package rig

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFile makes a file of size bytes in the folder of the files to be sent and returns its path. Its bytes are really there, and
// no two parts of it are equal.
func (r *Rig) WriteFile(name string, size int64) (path string, err error) {
	path = filepath.Join(r.Data, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	block := make([]byte, 256<<10)
	seed := [32]byte{'b', 'e', 'n', 'c', 'h'}
	_, _ = rand.NewChaCha8(seed).Read(block) // never fails
	for at := int64(0); at < size && err == nil; at += int64(len(block)) {
		binary.LittleEndian.PutUint64(block, uint64(at)) // sets the blocks apart
		_, err = f.Write(block[:min(int64(len(block)), size-at)])
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return path, nil
}

// InMemory reports whether the files to be sent are known to lie in memory.
func (r *Rig) InMemory() bool { return filepath.Dir(r.Data) == memoryDir }
