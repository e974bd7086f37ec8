//go:build !unix

package transfer

func newBlock(size int) ([]byte, error) { return make([]byte, size), nil }

func freeBlock([]byte) error { return nil }
