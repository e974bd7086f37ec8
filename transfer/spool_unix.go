//go:build unix

package transfer

import "golang.org/x/sys/unix"

// newBlock takes memory beside the heap. On the heap, the parts of a stream would make the collector let garbage grow to half of
// them before it runs, which counts for the process like the parts themselves.
func newBlock(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
}

func freeBlock(block []byte) error { return unix.Munmap(block) }
