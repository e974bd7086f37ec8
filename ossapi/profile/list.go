package profile

import (
	"strings"
)

// Summary is one profile of the machine, for a list to choose from. It holds no secret.
type Summary struct {
	Name     string // to be given as Flags.Profile; "" for the environment, which has no name
	Place    string // the file, or "environment"
	Region   string // as written, may be empty
	Endpoint string // as written but for user names in it, may be empty
	Bucket   string // the default bucket, may be empty
	Mode     string // AK, StsToken, Process, CredentialsURI, EcsRamRole, Anonymous; "" without credentials
	Protect  bool   // every abort is typed
	ReadOnly bool   // nothing is changed on the server
	Default  bool   // used by its file when none is named
	Problem  string // why it cannot be used, may be empty
}

// List returns all profiles that are known on the machine: config.toml, ~/.ossutilconfig, ~/.aliyun/config.json, and
// the environment if it has credentials, in this order. A name may occur in several files; Resolve then reads all of
// them. A file of another tool that cannot be read is left out; config.toml with a fault is the error, and the others
// are returned all the same.
func List(s Sources) ([]Summary, error) {
	s = s.withDefaults()
	var all []Summary
	config, err := s.readConfig()
	if err != nil && !isFault(err) {
		err = nil // not there, which is no fault
	}
	if err == nil {
		path := s.show(s.ConfigPath())
		for _, name := range config.known() {
			l, lerr := config.layer(path, name)
			all = append(all, summary(path, name, l, lerr, name == config.chosen()))
		}
	}
	if f, _, ferr := s.ossutilFile(); ferr == nil {
		for _, name := range f.known() {
			l, lerr := f.layer(name)
			all = append(all, summary(f.path, name, l, lerr, name == strings.ToLower(first(s.Getenv("OSSUTIL_PROFILE"), "default"))))
		}
	}
	if f, _, ferr := s.aliyunFile(); ferr == nil {
		path := s.show(s.aliyunPath())
		for _, name := range f.known() {
			l, lerr := f.layer(path, name, s.Clock())
			all = append(all, summary(path, name, l, lerr, name == first(s.Getenv("ALIBABA_CLOUD_PROFILE"), f.chosen())))
		}
	}
	for _, l := range []*layer{s.ossEnvironment(), s.alibabaEnvironment()} {
		if l.access.kind != kindNone {
			all = append(all, summary("environment", "", l, nil, s.Flags.Profile == ""))
			break
		}
	}
	return all, err
}

func summary(place, name string, l *layer, err error, standard bool) Summary {
	sum := Summary{Name: name, Place: place, Default: standard}
	if err != nil {
		sum.Problem = err.Error()
		return sum
	}
	sum.Region, sum.Mode = normalRegion(l.region), l.access.mode()
	sum.Bucket, sum.Protect, sum.ReadOnly = l.settings.Bucket, l.settings.Protect, l.settings.ReadOnly
	if l.endpoint != "" {
		if e, perr := parseEndpoint(l.endpoint, true); perr == nil {
			sum.Endpoint = e.url
		} else {
			sum.Problem = "endpoint: " + perr.Error()
		}
	}
	if l.access.err != nil {
		sum.Problem = l.access.err.Error()
	}
	return sum
}
