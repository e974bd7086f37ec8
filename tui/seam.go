package tui

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"partway/model"
	"partway/tui/theme"
)

// Engine is what the screens need of the engine, wherever it runs.
type Engine interface {
	// Snapshot is the newest state. It reads memory only; the snapshot is immutable.
	Snapshot() *model.Snapshot
	// Changed rings when there is a newer snapshot: a doorbell of capacity 1 that coalesces.
	Changed() <-chan struct{}
	// Do asks for a command. Nil means accepted; the effect shows in a later snapshot. An error says why it was refused.
	Do(context.Context, model.Command) error
	// Parts lists what the server holds of an upload.
	Parts(context.Context, model.Place, model.Ref) (model.PartList, error)
}

// Files is what a file picker needs of the disk. It is called from commands only, never from Update or a view: a directory of a
// dead network share can hang for minutes.
type Files interface {
	// ReadDir lists a folder, at most limit entries of it; more tells that there were others.
	ReadDir(ctx context.Context, folder string, limit int) (entries []FileEntry, more bool, err error)
	// Stat describes one file, following no symbolic link.
	Stat(ctx context.Context, path string) (FileEntry, error)
	// Working is the absolute path of the folder to begin in.
	Working() string
	// Home is the absolute path of the person's own folder, or empty. Like Working it is known without asking the disk.
	Home() string
}

// FileEntry is a file or folder as a picker shows it. Name may hold anything but a slash and NUL.
type FileEntry struct {
	Name    string
	Size    int64 // bytes; of regular files
	Mode    fs.FileMode
	ModTime time.Time
	// Denied says why it can be neither read nor opened, in a word or two, or is empty.
	Denied string
}

// Finder finds the local files of uploads that were begun elsewhere. It is called from commands only: it reads disks, and asks the
// service. Every call returns when its context ends. The texts of its answers are foreign.
type Finder interface {
	// Search walks a folder and all below it for the file that an upload was cut from. Files named like the key are tried first; only
	// if none of them is it, others that are large enough, the smallest first. A file is found if one part equals its range of it; no
	// more of it is read. progress is called often while the search goes on, possibly from another goroutine, and possibly once more
	// after the context ended. It fails if the folder cannot be read or no part has a sum to compare by.
	Search(ctx context.Context, what Search, progress func(Searched)) (Searched, error)
	// Named looks into the checkpoints of other tools in some folders for the file of one upload. A folder that cannot be read
	// names none. The zero value is the answer where no checkpoint is of this upload.
	Named(ctx context.Context, ref model.Ref, folders []string) (NamedFile, error)
	// Checkpoints reads the checkpoints of other tools in some folders, and proves that their uploads and files exist. Checkpoints
	// that do not name their bucket are taken for the place's, if they are of it.
	Checkpoints(ctx context.Context, place model.Place, folders []string) (Checkpoints, error)
}

// Search is what a file is looked for by.
type Search struct {
	Folder string       // absolute
	Key    string       // of the upload
	Parts  []model.Part // of the upload, as listed; at least one
}

// Searched is how far a search is. It is not changed any more once it was handed out.
type Searched struct {
	At      string // the path that was looked at last
	Looked  int    // files seen
	Large   int    // of them: those that could hold the parts
	Read    int    // of these: those that a part was compared with
	Unread  int    // candidates that are not read, since there are too many
	Failed  int    // folders and files that could not be read
	Failure string // why, of the first of them
	Found   []FoundFile
}

// FoundFile is a file that a part of an upload equals.
type FoundFile struct {
	Path string // absolute
	File FileEntry
}

// NamedFile is the file that a checkpoint names.
type NamedFile struct {
	Tool    string // whose checkpoint it is
	Path    string // absolute; empty: no checkpoint is of the upload
	Missing string // why the file cannot be opened, or empty
}

// Checkpoint is a checkpoint whose upload and file both exist. What the file holds was not looked at.
type Checkpoint struct {
	Tool  string
	Place model.Place
	Parts model.PartList // of the upload that it names
	Path  string         // absolute
	File  FileEntry
}

// Checkpoints are the checkpoints of some folders.
type Checkpoints struct {
	Offered []Checkpoint
	Left    []LeftCheckpoint
}

// LeftCheckpoint is a checkpoint that is of no use.
type LeftCheckpoint struct {
	Path string // of the checkpoint, absolute
	Why  string
}

// Options say what an App shows and how. Engine is required; the zero value of everything else is usable.
type Options struct {
	Engine Engine
	Files  Files
	Finder Finder // nil: files are not looked for
	Places Places // nil: there is nowhere else to go
	// Paths are local files and folders to begin with: they are marked in the file picker. Absolute.
	Paths []string

	// Now gives the time to timers; it is called in commands, never in Update or a view. Nil means time.Now.
	Now func() time.Time
	// Zone is the time zone of the clock times on the screen; nil means time.Local.
	Zone *time.Location

	Glyphs  string // a name of theme.GlyphSets; empty: unicode
	Theme   string // a name of theme.Names; empty: dark or light, as the terminal says
	NoColor bool   // bold, faint and reverse only; overrules Theme

	ReadOnly bool // refuses whatever changes the queue or the bucket
	Protect  bool // the profile is protected: every abort is typed

	// ContentType is the content type that an object of a key gets by its name; nil: it is not shown.
	ContentType func(key string) string

	// PricePerGiB is what a GiB costs a month, in Currency; 0 hides the cost.
	PricePerGiB float64
	Currency    string
	Judge       model.JudgeOptions

	// Taskbar shows progress in the terminal's tab or task bar (OSC 9;4). Only for terminals known to understand it: others
	// take it for a notification.
	Taskbar bool
	// Notify is how to call somebody who looks at another window, one of Notifiers; empty: off.
	Notify string
	// Calm draws data every five seconds at most.
	Calm bool
	// NoMouse leaves the mouse to the terminal from the start.
	NoMouse bool
	// SlowLimit is the limit of the slow mode in bytes a second; 0 means 1 MiB/s.
	SlowLimit int64
	// Program is the name of the command in the command lines that are shown; empty: partway.
	Program string
}

// Outcome is how a session ended.
type Outcome struct {
	// Text is what to print after the alternate screen is closed, so that it stays in the scrollback. It ends in a newline, or
	// is empty; what is foreign in it is cleaned.
	Text string
	// Code is the exit code: 0 nothing failed, 1 something failed, 130 interrupted.
	Code int
	// PauseAsked says that the person left while uploads ran and wants the parts in flight finished first; NowAsked, that they
	// need not be.
	PauseAsked, NowAsked bool
}

// look is how things are drawn: fixed for the life of an App.
type look struct {
	theme  *theme.Theme
	glyphs *theme.Glyphs
	zone   *time.Location
}

func newLook(o Options) (*look, error) {
	name := o.Theme
	if o.NoColor {
		name = "mono"
	}
	th, err := theme.New(name)
	if err != nil {
		return nil, err
	}
	glyphs, err := theme.NewGlyphs(o.Glyphs)
	if err != nil {
		return nil, err
	}
	zone := o.Zone
	if zone == nil {
		zone = time.Local
	}
	return &look{theme: th, glyphs: glyphs, zone: zone}, nil
}

func (o *Options) fill() error {
	if o.Engine == nil {
		return errors.New("tui: no engine")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.SlowLimit == 0 {
		o.SlowLimit = model.MiB
	}
	if o.Program == "" {
		o.Program = "partway"
	}
	return checkNotify(o.Notify)
}
