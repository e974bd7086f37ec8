package profile

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

var errNoProfile = errors.New("no such profile")

// Place is one place where credentials were looked for, and what was found there.
type Place struct {
	Name   string // as a person would name it: "~/.ossutilconfig"
	Result string // a few words: "not there", "found, but no accessKeyID in it"
	Err    error  // the whole story where a few words do not tell it; else nil
}

// NotFoundError says that no credentials were found, and where they were looked for.
type NotFoundError struct {
	Looked []Place // in the order of the search, never empty
}

// placeWidth is the width of the names, a space included: it holds the longest that is not a path given by the user,
// and leaves the results room in 80 columns.
const placeWidth = 44

// Error is several lines long, for a terminal of 80 columns: a title, a numbered line for each place, and the way on.
func (e *NotFoundError) Error() string {
	var b strings.Builder
	b.WriteString("no credentials found; looked in this order:\n")
	for i, line := range e.Lines() {
		fmt.Fprintf(&b, "  %d %s\n", i+1, line)
	}
	for _, p := range e.Looked {
		if p.Err != nil {
			fmt.Fprintf(&b, "%v\n", p.Err)
		}
	}
	b.WriteString("set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or write a profile into config.toml")
	return b.String()
}

// Lines returns one line for each place, name and result in two columns, without numbers: for a screen.
func (e *NotFoundError) Lines() []string {
	lines := make([]string, len(e.Looked))
	for i, p := range e.Looked {
		lines[i] = fmt.Sprintf("%-*s %s", placeWidth-1, p.Name, p.Result)
	}
	return lines
}

// Unwrap gives the errors met on the way, such as the *FileError of a file that could not be read.
func (e *NotFoundError) Unwrap() []error {
	var errs []error
	for _, p := range e.Looked {
		if p.Err != nil {
			errs = append(errs, p.Err)
		}
	}
	return errs
}

// FileError is a configuration file that cannot be used. It never quotes the file: the bad line may hold a secret.
type FileError struct {
	Path    string // as shown to people, ~ for the home folder
	Line    int    // 1 is the first; 0 where no line is at fault
	Problem string // what is wrong
	Way     string // what to do, may be empty
	Err     error  // the cause, may be nil
}

func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": " + e.Problem)
	if e.Way != "" {
		b.WriteString("; " + e.Way)
	}
	return b.String()
}

func (e *FileError) Unwrap() error { return e.Err }

// ModeError is a way of getting credentials that this package does not speak, such as the assuming of a RAM role.
type ModeError struct {
	Place string // "~/.aliyun/config.json profile ops"
	Mode  string // as written there
}

func (e *ModeError) Error() string {
	return fmt.Sprintf("%s: mode %q is not supported here; give a credential_process in config.toml, "+
		"a command that prints AccessKeyId, AccessKeySecret, SecurityToken and Expiration as JSON", e.Place, e.Mode)
}

// UnknownProfileError is a profile that was asked for by name and is in no file.
type UnknownProfileError struct {
	Name   string
	Known  []string // the names that are there, sorted
	Causes []error  // files that could not be read and may hold it
}

func (e *UnknownProfileError) Error() string {
	known := "none are known"
	if len(e.Known) > 0 {
		sort.Strings(e.Known)
		known = "known are " + strings.Join(e.Known, ", ")
	}
	msg := fmt.Sprintf("no profile named %q; %s", e.Name, known)
	for _, err := range e.Causes {
		msg += fmt.Sprintf(" (not readable: %v)", err)
	}
	return msg
}

// Unwrap gives the errors of the files that could not be read.
func (e *UnknownProfileError) Unwrap() []error { return e.Causes }

// MissingRegionError says that no place names a region and the endpoint does not tell it. Requests are signed for a
// region (signature V4), so there is no going on without.
type MissingRegionError struct {
	Profile  string // may be empty
	Endpoint string // the endpoint that does not tell, may be empty
}

func (e *MissingRegionError) Error() string {
	what := "no region is known"
	if e.Endpoint != "" {
		what = fmt.Sprintf("endpoint %q does not tell its region", e.Endpoint)
	}
	if e.Profile != "" {
		what = fmt.Sprintf("profile %q: %s", e.Profile, what)
	}
	return what + "; give --region cn-hangzhou, set OSS_REGION, or write region = \"cn-hangzhou\" into the profile"
}
