// Command put measures what sending and listing with partway costs beside bare net/http loops and the official SDK, in one run on
// one machine, against a server on the loopback that discards what it gets:
//
//	go run ./bench/put                          everything; needs 5 GiB of memory-backed storage or disk and some minutes
//	go run ./bench/put -scenario a -size 1GiB   one part of it
//
// The tables go to standard output as Markdown, the progress to standard error. docs/PERFORMANCE.md holds the result of one run
// and says how to read it.
//
// Start reading at main.go; every scenario is a file, and what the contenders do is in package contender.
package main
