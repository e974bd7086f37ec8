package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"partway/ossapi"
)

// configFile is config.toml. Unknown keys are errors: a misspelt protect = true must not be silently off.
type configFile struct {
	Default string                   `toml:"default"` // the profile used when none is named
	Profile map[string]configProfile `toml:"profile"`
	UI      map[string]any           `toml:"ui"`   // of the screens: passed on as it is
	Keys    map[string]any           `toml:"keys"` // of the key bindings: passed on as it is
}

// configProfile is one [profile.NAME]. Sizes and durations are strings with a unit.
type configProfile struct {
	Endpoint   string `toml:"endpoint"`
	Region     string `toml:"region"`
	Style      string `toml:"style"`
	Proxy      string `toml:"proxy"`
	AllowHTTP  bool   `toml:"allow_http"`
	Internal   bool   `toml:"internal"`
	Accelerate bool   `toml:"accelerate"`
	DualStack  bool   `toml:"dual_stack"`
	Signature  string `toml:"signature"` // v4 or v1

	Mode            string        `toml:"mode"`
	AccessKeyID     string        `toml:"access_key_id"`
	AccessKeySecret ossapi.Secret `toml:"access_key_secret"`
	SecurityToken   ossapi.Secret `toml:"security_token"`
	Process         string        `toml:"credential_process"`
	ProcessTimeout  string        `toml:"credential_process_timeout"` // "30s"
	URI             string        `toml:"credentials_uri"`
	ECSRole         string        `toml:"ecs_role"`

	Bucket        string  `toml:"bucket"`
	Protect       bool    `toml:"protect"`
	ReadOnly      bool    `toml:"read_only"`
	PartSize      string  `toml:"part_size"` // "32MiB"
	Parts         int     `toml:"parts"`
	Files         int     `toml:"files"`
	Limit         string  `toml:"limit"` // "20M", bytes a second
	StorageClass  string  `toml:"storage_class"`
	PriceGiBMonth float64 `toml:"price_gib_month"`

	Buckets map[string]configBucket `toml:"buckets"`
}

// configBucket is one [profile.NAME.buckets.BUCKET].
type configBucket struct {
	Endpoint string `toml:"endpoint"`
	Region   string `toml:"region"`
	Style    string `toml:"style"`
}

// parseConfig decodes config.toml. Errors name the line and the key, never a value.
func parseConfig(path string, data []byte) (configFile, error) {
	var c configFile
	err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&c)
	if err == nil {
		return c, nil
	}
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		bad := &strict.Errors[0]
		line, _ := bad.Position()
		return c, &FileError{Path: path, Line: line, Problem: "unknown key " + quote(strings.Join(bad.Key(), "."))}
	}
	var decode *toml.DecodeError // its String quotes the lines around, its Error does not
	if errors.As(err, &decode) {
		line, _ := decode.Position()
		return c, &FileError{Path: path, Line: line, Problem: tomlProblem(decode)}
	}
	return c, &FileError{Path: path, Problem: "not valid TOML"}
}

// tomlProblem says what is wrong with a line in words of ours where the library might quote from the file.
func tomlProblem(e *toml.DecodeError) string {
	if key := strings.Join(e.Key(), "."); key != "" {
		return "the value of " + quote(key) + " is not of the right kind, or it is not valid TOML"
	}
	return "not valid TOML"
}

// readConfig reads config.toml. It must be a regular file that is its owner's alone: it may hold keys, and a command
// to run. A missing one is fs.ErrNotExist, unless it was named by the user.
func (s Sources) readConfig() (configFile, error) {
	path := s.ConfigPath()
	if path == "" {
		return configFile{}, fs.ErrNotExist
	}
	shown := s.show(path)
	data, info, err := s.read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (s.Flags.Config != "" || s.Getenv("PARTWAY_CONFIG") != ""):
		return configFile{}, &FileError{Path: shown, Problem: "not there", Err: err,
			Way: "it was named by --config or PARTWAY_CONFIG"}
	case err != nil:
		return configFile{}, err
	case foreign(info):
		return configFile{}, &FileError{Path: shown, Problem: "belongs to another user",
			Way: "a file that says who you are must be your own"}
	case exposed(info):
		return configFile{}, &FileError{Path: shown, Problem: fmt.Sprintf("others on this machine can read or change it (mode %04o)", info.Mode().Perm()),
			Way: "make it private with: chmod 600 " + shown}
	}
	return parseConfig(shown, data)
}

// known lists the profiles by name, sorted.
func (c configFile) known() []string {
	names := make([]string, 0, len(c.Profile))
	for name := range c.Profile {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// chosen is the profile used when none is named: the default, else one named default, else the only one.
func (c configFile) chosen() string {
	if c.Default != "" {
		return c.Default
	}
	if _, ok := c.Profile["default"]; ok {
		return "default"
	}
	if len(c.Profile) == 1 {
		return c.known()[0]
	}
	return ""
}

// layer turns one profile into what it says. Values out of range are errors that name the key.
func (c configFile) layer(path, name string) (*layer, error) {
	p, ok := c.Profile[name]
	if !ok {
		return nil, fmt.Errorf("%s: profile %s: %w", path, quote(name), errNoProfile)
	}
	bad := func(key string, err error) error {
		return &FileError{Path: path, Problem: fmt.Sprintf("profile %s, %s: %v", quote(name), key, err), Err: err}
	}
	l := &layer{place: path, profile: name, region: p.Region, endpoint: p.Endpoint, style: p.Style, proxy: p.Proxy,
		allowHTTP: p.AllowHTTP, internal: p.Internal, accelerate: p.Accelerate, dualStack: p.DualStack,
		buckets: map[string]override{}}
	switch strings.ToLower(p.Signature) {
	case "", "v4":
	case "v1":
		l.signV1 = true
	default:
		return nil, bad("signature", fmt.Errorf("%s is neither v4 nor v1", quote(p.Signature)))
	}
	for bucket, b := range p.Buckets {
		l.buckets[bucket] = override{place: path + " [profile." + name + ".buckets." + bucket + "]", region: b.Region, endpoint: b.Endpoint, style: b.Style}
	}
	var err error
	if l.settings, err = p.settings(bad); err != nil {
		return nil, err
	}
	l.access, err = p.access(l, bad)
	return l, err
}

func (p configProfile) settings(bad func(string, error) error) (Settings, error) {
	s := Settings{Bucket: p.Bucket, Protect: p.Protect, ReadOnly: p.ReadOnly, Parts: p.Parts, Files: p.Files,
		StorageClass: p.StorageClass, PriceGiBMonth: p.PriceGiBMonth}
	var err error
	if s.PartSize, err = parseSize(p.PartSize); err != nil {
		return s, bad("part_size", err)
	}
	if s.PartSize != 0 && (s.PartSize < minPartSize || s.PartSize > maxPartSize) {
		return s, bad("part_size", fmt.Errorf("%s is not between 100KiB and 5GiB, the limits of OSS", quote(p.PartSize)))
	}
	if s.Limit, err = parseSize(strings.TrimSuffix(strings.TrimSpace(p.Limit), "/s")); err != nil {
		return s, bad("limit", err)
	}
	if p.Parts < 0 || p.Parts > maxAtOnce {
		return s, bad("parts", fmt.Errorf("%d is not between 1 and %d", p.Parts, maxAtOnce))
	}
	if p.Files < 0 || p.Files > maxAtOnce {
		return s, bad("files", fmt.Errorf("%d is not between 1 and %d", p.Files, maxAtOnce))
	}
	if !(p.PriceGiBMonth >= 0 && p.PriceGiBMonth < 1e6) { // written so that NaN fails
		return s, bad("price_gib_month", errors.New("not a price"))
	}
	return s, nil
}

// access reads the credentials of a profile. Our own file is never passed over in silence: what is half there is an
// error, not a reason to look elsewhere.
func (p configProfile) access(l *layer, bad func(string, error) error) (access, error) {
	timeout := time.Duration(0)
	if p.ProcessTimeout != "" {
		var err error
		if timeout, err = time.ParseDuration(p.ProcessTimeout); err != nil || timeout <= 0 || timeout > maxProcessTime {
			return access{}, bad("credential_process_timeout", fmt.Errorf("%s is not a duration like \"30s\", up to 10m", quote(p.ProcessTimeout)))
		}
	}
	mode := flat(p.Mode)
	if mode == "" {
		switch {
		case p.AccessKeyID != "" || p.AccessKeySecret != "":
			mode = "ak"
		case p.Process != "":
			mode = "process"
		case p.URI != "":
			mode = "credentialsuri"
		case p.ECSRole != "":
			mode = "ecsramrole"
		default:
			return access{missing: "found, but no access_key_id in it"}, nil
		}
	}
	switch mode {
	case "ak", "ststoken":
		a := keyPair(p.AccessKeyID, p.AccessKeySecret, p.SecurityToken, "access_key_id", "access_key_secret")
		switch {
		case a.err != nil:
			return access{}, bad("access_key_secret", a.err)
		case a.kind == kindNone:
			return access{}, bad("access_key_id", errors.New(a.missing))
		case mode == "ststoken" && a.token == "":
			return access{}, bad("security_token", errors.New("mode StsToken needs one"))
		}
		return a, nil
	case "process", "external":
		if p.Process == "" {
			return access{}, bad("credential_process", errors.New("mode Process needs one"))
		}
		return access{kind: kindProcess, command: p.Process, timeout: timeout}, nil
	case "credentialsuri", "credentialuri", "uri":
		if err := checkURI(p.URI); err != nil {
			return access{}, bad("credentials_uri", err)
		}
		return access{kind: kindURI, uri: p.URI}, nil
	case "ecsramrole", "aliecsramrole":
		return access{kind: kindECS, role: p.ECSRole}, nil
	case "anonymous":
		return access{kind: kindAnonymous}, nil
	}
	return access{}, &ModeError{Place: l.origin(), Mode: p.Mode}
}
