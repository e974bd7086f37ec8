// Package state keeps what must survive the process: one append-only journal for each job of the queue, who works on it, and the
// history of finished jobs.
//
// It is not a database and holds no rules of uploads: package model says what the records are and folds them into a job (see
// model.Replay); this package sees to it that a record that was acknowledged is read again, that a wrong one never is, and that
// two processes do not work on one job. It knows neither the network nor the screen, and no secret is ever written here.
//
// Whoever wires the program may import it; it imports nothing of the project but model. *Store satisfies transfer.Journal.
//
// Start reading at Store in store.go; then journal.go (how a record reaches the disk), load.go (how it is read again), line.go (the
// format), repair.go (what is done about damage), owner.go (who holds a journal) and history.go. docs/JOURNAL.md explains the
// files to people who look at them with cat and grep.
package state
