// Package cli is what the user types: the commands of partway, what they print, and the exit codes.
//
// It wires the other packages together: a profile becomes a client (package profile, ossapi), the client and the journals
// (package state) become an engine (package transfer), and a command asks the engine and shows its snapshots. It moves no byte
// and decides no retry itself. Nothing but main imports it.
//
// Two rules hold everywhere. Standard output is data and standard error is for people. And every text that comes from outside
// (keys, file names, what a server said) is escaped before it is written for people, whether or not a terminal is there.
//
// Start at cli.go (what comes in from the process), then root.go (the commands), then drive.go (how a command waits for the
// engine) and exit.go (what the exit codes mean). Every command has a file of its own name.
package cli
