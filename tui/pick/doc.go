// Package pick is what a file picker decides, as pure functions and values: which paths a pasted text names, which files are
// marked, which key, cut and collision each of them has, and which commands come of it.
//
// It draws nothing and touches neither disk nor network: files come in as values. Of ours it imports package model alone; its one
// importer is package tui. Start with Make in plan.go; Selection holds what is marked, Split reads a paste, Texts a form.
package pick
