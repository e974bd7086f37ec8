// Package safe turns foreign text into text that a terminal can only show: names of objects, files, buckets and owners, upload
// ids, messages of servers, values of configuration files. Any of them can hold sequences that write the clipboard, clear the
// screen, make the terminal type an answer, or make one name look like another.
//
// What cannot be shown as it is, is written as a visible escape, never dropped: two different texts never look the same. The
// package does no styling and knows no screen; styling comes after it, because a styled text can no longer be told from a hostile
// one. It imports nothing of the program and may be imported by every package of it.
//
// Start with Clean; HostilePayloads is for the tests of everything that shows foreign text.
package safe
