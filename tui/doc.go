// Package tui is what the user sees: screens, keys and dialogs over an engine that may live in this process or in another one.
//
// It is not a place for what happens: it asks the [Engine] with commands and shows its snapshots. Of ours it imports package
// model alone and never a package that speaks to the service, the disk or the network; its one importer is package cli.
//
// How it hangs together:
//
//   - [App] is the one tea.Model. It holds the newest snapshot and a stack of screens: the main view at the bottom, the view of
//     one upload, and what lies over them (dialogs, menus, help).
//   - A screen is a struct behind the small interface in screen.go. It draws lines of spans and never sees a key.
//   - Every key is bound once, in the registry (registry.go, actions_*.go). It feeds the keys, the footer, the help, the menu
//     of actions and the list of keys in the documentation, so that these cannot disagree.
//   - Progress is pulled (pull.go): one command waits for the engine's bell, takes the snapshot and is armed again. When nothing
//     happens, nothing is drawn and no timer runs.
//   - Update and view read only what the App holds: no disk, network, environment or clock. Times come in with snapshots and
//     timers.
//   - What a dialog will act on is frozen when it opens.
//   - A comparison of a file with an upload (comparing.go) is a job of the engine and no row: what it found is told with the upload.
//     Watching one (watch.go) has its parts read now and then. What earlier runs finished (history.go) are rows of the fifth lens
//     alone. Jobs that send no file of a known size have their words in job_words.go.
//   - Every string that comes from outside the program (keys, bucket names, file names, server messages) is cleaned in text.go
//     before it becomes a span.
//
// Start with app.go, then rows.go (what a row is), registry.go and main_screen.go. The sub-packages are pure: theme (roles and
// glyphs), table (cursor and window), partmap and spark (pictures); tuitest drives an App in tests.
package tui
