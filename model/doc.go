// Package model holds the nouns and rules of multipart uploads: plans, parts, jobs, leftovers, journal records, commands and
// snapshots. Everything here is a plain value or a pure function.
//
// It is not a place for input or output, for a clock, a goroutine or a context: times and durations come in as values. It may
// be imported by every package of the program and imports none of them, so that the transfer engine, the journal, the command
// line and the screens speak of the same things.
//
// Start with plan.go (how a file becomes parts), record.go (what the journal says) and snapshot.go (what a screen sees).
package model
