package profile

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// fromFile is what one configuration file says about the profile in question.
type fromFile struct {
	layer *layer
	known []string // the profiles in the file
	has   bool     // the profile is in the file
}

// named is the profile that was asked for by name, "" if none was.
func (s Sources) named() string { return first(s.Flags.Profile, s.Getenv("PARTWAY_PROFILE")) }

// layers reads all places but the metadata service, in the order in which they count. An error in config.toml ends it;
// the files of other tools are excused until their turn comes.
func (s Sources) layers() ([]*layer, error) {
	own, err := s.fromConfig()
	if err != nil {
		return nil, err
	}
	all := []fromFile{own, s.fromOssutil(), s.fromAliyun()}
	var files []*layer
	for _, f := range all {
		files = append(files, f.layer)
	}
	if name := s.named(); name != "" && !slices.ContainsFunc(all, func(f fromFile) bool { return f.has }) {
		unknown := &UnknownProfileError{Name: name}
		for _, f := range all {
			unknown.Known = append(unknown.Known, f.known...)
			if f.layer.access.err != nil {
				unknown.Causes = append(unknown.Causes, f.layer.access.err)
			}
		}
		slices.Sort(unknown.Known)
		unknown.Known = slices.Compact(unknown.Known)
		return nil, unknown
	}
	env := []*layer{s.ossEnvironment(), s.alibabaEnvironment()}
	ordered := []*layer{s.flagLayer()}
	if s.Flags.Profile != "" { // typed for this run, as the environment was not
		return append(append(ordered, files...), env...), nil
	}
	return append(append(ordered, env...), files...), nil
}

// fromConfig reads config.toml.
func (s Sources) fromConfig() (fromFile, error) {
	path := s.show(s.ConfigPath())
	c, err := s.readConfig()
	if errors.Is(err, fs.ErrNotExist) && !isFault(err) {
		return fromFile{layer: absent(first(path, "config.toml"), "not there")}, nil
	}
	if err != nil {
		return fromFile{}, err
	}
	f := fromFile{known: c.known()}
	name := s.named()
	if name == "" {
		name = c.chosen()
		if _, ok := c.Profile[name]; name != "" && !ok {
			return f, &FileError{Path: path, Problem: "default = " + quote(name) + " is not one of its profiles", Way: "they are " + strings.Join(f.known, ", ")}
		}
	}
	switch _, ok := c.Profile[name]; {
	case ok:
		if f.layer, err = c.layer(path, name); err != nil {
			return f, err
		}
		f.has = true
		f.layer.reload = func() (access, error) { return s.reload(s.fromConfig) }
	case name != "":
		f.layer = absent(path, "found, but no such profile")
	case len(f.known) > 1:
		f.layer = absent(path, "found, but no default in it")
	default:
		f.layer = absent(path, "found, but no profile in it")
	}
	f.layer.settings.UI, f.layer.settings.Keys = c.UI, c.Keys
	return f, nil
}

// isFault tells a file that should be there from one that simply is not.
func isFault(err error) bool {
	var fe *FileError
	return errors.As(err, &fe)
}

// fromOssutil reads ~/.ossutilconfig. Names of sections have no case.
func (s Sources) fromOssutil() fromFile {
	path := s.show(s.ossutilPath())
	file, warnings, err := s.ossutilFile()
	if err != nil {
		return fromFile{layer: unreadable(first(path, "~/.ossutilconfig"), err)}
	}
	name := first(s.named(), s.Getenv("OSSUTIL_PROFILE"), "default")
	f := fromFile{known: file.known()}
	if !slices.Contains(f.known, strings.ToLower(name)) {
		f.layer = absent(path, "found, but no such profile")
		if s.named() == "" && name == "default" {
			f.layer.access.missing = "found, but no [default] in it"
		}
		return f
	}
	if f.layer, err = file.layer(name); err != nil {
		f.layer = unreadable(path, err)
		return f
	}
	f.has = true
	f.layer.warnings = append(f.layer.warnings, warnings...)
	f.layer.reload = func() (access, error) {
		return s.reload(func() (fromFile, error) { return s.fromOssutil(), nil })
	}
	return f
}

// fromAliyun reads ~/.aliyun/config.json.
func (s Sources) fromAliyun() fromFile {
	path := s.show(s.aliyunPath())
	file, warnings, err := s.aliyunFile()
	if err != nil {
		return fromFile{layer: unreadable(first(path, "~/.aliyun/config.json"), err)}
	}
	f := fromFile{known: file.known()}
	name := first(s.named(), s.Getenv("ALIBABA_CLOUD_PROFILE"), file.chosen())
	if f.layer, err = file.layer(path, name, s.Clock()); err != nil {
		f.layer = absent(path, "found, but no such profile")
		return f
	}
	f.has = true
	f.layer.warnings = append(f.layer.warnings, warnings...)
	f.layer.reload = func() (access, error) {
		return s.reload(func() (fromFile, error) { return s.fromAliyun(), nil })
	}
	return f
}

// unreadable is the layer of another tool's file that is not there or cannot be used.
func unreadable(path string, err error) *layer {
	if errors.Is(err, fs.ErrNotExist) {
		return absent(path, "not there")
	}
	l := absent(path, "cannot be read")
	l.foreign = true
	l.access.err = err
	return l
}

// reload reads a file again and returns what it says about credentials now.
func (s Sources) reload(from func() (fromFile, error)) (access, error) {
	f, err := from()
	if err != nil {
		return access{}, err
	}
	return f.layer.access, nil
}
