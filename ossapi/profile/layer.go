package profile

import (
	"fmt"
	"strings"

	"partway/ossapi"
)

// layer is what one place says. Every field may be empty: then the next place is asked.
type layer struct {
	place   string // for people: "~/.ossutilconfig [default]"
	profile string // the name of the profile in a file, "" in other places
	foreign bool   // a file of another tool: its faults are warnings as long as it is not needed
	settled bool   // access is known; false for a place that has nothing to do with credentials (flags)

	region     string
	endpoint   string
	style      string
	proxy      string // "" = not said, "env", "none" or a URL, which may hold a password
	allowHTTP  bool
	internal   bool
	accelerate bool
	dualStack  bool
	signV1     bool
	settings   Settings
	buckets    map[string]override

	access   access
	reload   func() (access, error) // access as the place says it now; nil = it cannot change
	warnings []string
}

// override is what a file says for one bucket.
type override struct {
	place    string
	region   string
	endpoint string
	style    string
}

// absent is a place that says nothing.
func absent(place, result string) *layer {
	return &layer{place: place, access: access{missing: result}}
}

func (l *layer) warn(format string, args ...any) {
	l.warnings = append(l.warnings, fmt.Sprintf(format, args...))
}

// origin is the place with the profile that was read in it.
func (l *layer) origin() string {
	if l.profile == "" {
		return l.place
	}
	return fmt.Sprintf("%s [%s]", l.place, l.profile)
}

// looked is the line of a place that had no usable credentials.
func (l *layer) looked() Place {
	p := Place{Name: l.place, Result: l.access.missing, Err: l.access.err}
	if p.Err != nil && p.Result == "" {
		p.Result = "found, but see below"
	}
	return p
}

// keyPair makes the access of a pair that one place gives, or tells which half is missing. The names are those of the
// place, so that the message can be searched for in it.
func keyPair(id string, secret, token ossapi.Secret, idName, secretName string) access {
	switch {
	case id == "" && secret == "":
		return access{missing: "found, but no " + idName + " in it"}
	case id == "":
		return access{missing: "has " + secretName + ", but no " + idName}
	case secret == "":
		return access{missing: "has " + idName + ", but no " + secretName}
	}
	if err := checkKey(id, secret, token); err != nil {
		return access{err: err}
	}
	return access{kind: kindKey, id: id, secret: secret, token: token}
}

// flat makes all spellings of a name equal: accessKeyId, access-key-id and access_key_id are accesskeyid. It serves for
// keys and for modes.
func flat(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
}
