// Package rig is the bench on which the programs below bench/ measure: it builds the real partway, runs a server and the contenders
// as processes of their own, lets them race in turns and prints what came out as Markdown tables.
//
// Everything that is measured is a child process, so that wall time, CPU and memory are those the operating system counted, and
// nobody's garbage or goroutines are in anybody else's figures. The server is one more child, made of package ossapi/emulator; the
// rig talks to it over a second address (see serve.go), so that its questions are not among the requests that count.
//
// It is for the programs below bench/ only. Start reading at rig.go (Main, Rig), then race.go (how a race is run).
package rig
