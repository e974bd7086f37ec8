// Package transfer is the multipart core: it sends local files to OSS in parts, proves what it stored, and keeps a queue of such
// jobs. It is the one place with goroutines that move bytes.
//
// It is not a client of OSS (ossapi is, reached through Store), not a journal (state is, reached through Journal) and not a
// user interface: screens and printers read its snapshots and send it commands. It may be imported by cli; it imports model
// and ossapi.
//
// Start with core.go, the life of an upload in five steps; then seams.go for what it needs from others, and engine.go for the
// queue around it.
package transfer
