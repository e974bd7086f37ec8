// Command resume counts what is sent again when an interrupted upload goes on: by partway, and by the official SDK's Uploader with
// its checkpoint, in one run against one server, which does the counting:
//
//	go run ./bench/resume
//
// Each sends a file of 40 parts. The server swallows some of them without an answer; when it has all the others the process is
// killed with SIGKILL, the server behaves again and the same command is run once more. That is what a lost packet, a stalled
// connection or a crash among parts that travel side by side leaves behind. The object is then read back and compared.
//
// Start reading at main.go.
package main
