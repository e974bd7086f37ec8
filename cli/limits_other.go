//go:build !unix

package cli

// forbidCoreFiles has nothing to forbid here: there are no core files.
func forbidCoreFiles() {}
