package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"time"

	"partway/ossapi"
)

// aliyunFile is ~/.aliyun/config.json of the aliyun command line: what it holds for us of what it holds.
type aliyunFile struct {
	Current  string          `json:"current"`
	Profiles []aliyunProfile `json:"profiles"`
}

type aliyunProfile struct {
	Name            string        `json:"name"`
	Mode            string        `json:"mode"`
	AccessKeyID     string        `json:"access_key_id"`
	AccessKeySecret ossapi.Secret `json:"access_key_secret"`
	SecurityToken   ossapi.Secret `json:"sts_token"`
	Expiration      int64         `json:"sts_expiration"` // seconds since 1970, of CloudSSO and OAuth
	RegionID        string        `json:"region_id"`
	RoleName        string        `json:"ram_role_name"`
	Process         string        `json:"process_command"`
	URI             string        `json:"credentials_uri"`
}

func parseAliyun(path string, data []byte) (aliyunFile, error) {
	var f aliyunFile
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	err := json.Unmarshal(data, &f)
	if err == nil {
		return f, nil
	}
	// The library's messages may quote a character or a number of the file; ours say where, and that is enough.
	fault := &FileError{Path: path, Problem: "not valid JSON"}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		fault.Line = lineAt(data, syntax.Offset)
	case errors.As(err, &kind):
		fault.Line = lineAt(data, kind.Offset)
		fault.Problem = "the value of " + quote(kind.Field) + " is not of the right kind"
	}
	return f, fault
}

// lineAt gives the line of the last byte that was read; offset counts the bytes read.
func lineAt(data []byte, offset int64) int {
	end := max(min(int(offset)-1, len(data)), 0)
	return 1 + bytes.Count(data[:end], []byte("\n"))
}

func (f aliyunFile) known() []string {
	var names []string
	for _, p := range f.Profiles {
		names = append(names, p.Name)
	}
	return names
}

func (f aliyunFile) layer(path, name string, now time.Time) (*layer, error) {
	for _, p := range f.Profiles {
		if p.Name == name {
			l := &layer{place: path, profile: name, foreign: true, region: p.RegionID}
			l.access = p.access(l, now)
			return l, nil
		}
	}
	return nil, errNoProfile
}

func (p aliyunProfile) access(l *layer, now time.Time) access {
	key := keyPair(p.AccessKeyID, p.AccessKeySecret, p.SecurityToken, "access_key_id", "access_key_secret")
	switch flat(p.Mode) {
	case "", "ak":
		key.token = ""
		if p.Mode == "" {
			key.token = p.SecurityToken
		}
		return key
	case "ststoken":
		if key.kind == kindKey && key.token == "" {
			return access{missing: "mode StsToken, but no sts_token"}
		}
		return key
	case "cloudsso", "oauth": // the tool keeps the key of the running session in its file, and renews it there
		if key.kind != kindKey {
			return access{missing: "mode " + p.Mode + ", not signed in"}
		}
		if p.Expiration > 0 {
			key.expires = time.Unix(p.Expiration, 0)
			if !now.Before(key.expires) {
				return access{missing: "mode " + p.Mode + ", session is over", err: errors.New(l.origin() +
					": the session is over; sign in again with the aliyun command line, which writes the new one into this file")}
			}
		}
		return key
	case "ecsramrole":
		return access{kind: kindECS, role: p.RoleName}
	case "external":
		if p.Process == "" {
			return access{missing: "mode External, but no command"}
		}
		return access{kind: kindProcess, command: p.Process}
	case "credentialsuri":
		return uriAccess(p.URI)
	case "anonymous":
		return access{kind: kindAnonymous}
	}
	return access{missing: "mode " + quote(p.Mode) + " is not supported", err: &ModeError{Place: l.origin(), Mode: p.Mode}}
}

// aliyunFile reads and parses the file, with the warnings about it. A missing one is fs.ErrNotExist.
func (s Sources) aliyunFile() (aliyunFile, []string, error) {
	path := s.aliyunPath()
	if path == "" {
		return aliyunFile{}, nil, fs.ErrNotExist
	}
	data, info, err := s.read(path)
	if err != nil {
		return aliyunFile{}, nil, err
	}
	f, err := parseAliyun(s.show(path), data)
	return f, exposedWarning(s.show(path), info), err
}

func (f aliyunFile) chosen() string {
	if f.Current == "" && len(f.Profiles) == 1 {
		return f.Profiles[0].Name
	}
	return first(strings.TrimSpace(f.Current), "default")
}
