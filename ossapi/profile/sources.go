package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxFileSize bounds what is read of a configuration file, in bytes: real ones are a few KiB.
const maxFileSize = 1 << 20

// DefaultMetadataURL is the base address of the ECS metadata service (a link-local address, plain HTTP by design).
const DefaultMetadataURL = "http://100.100.100.200"

// Flags are the values of the command line; the empty value means "not given".
type Flags struct {
	Profile     string // a profile by name; beats the environment with all that is written in it
	Config      string // path of config.toml; it must then exist
	Region      string // "cn-hangzhou"
	Endpoint    string // host, host:port or URL without a path
	Style       string // auto, virtual, path or cname
	AccessKeyID string // not a secret: accept only the credentials of this key
	AllowHTTP   bool   // permit http:// to a host that is not this machine
	Internal    bool   // the endpoint of the region inside Alibaba Cloud
	Accelerate  bool   // the transfer acceleration endpoint
}

// Sources is everything outside the process that decides who is asking. Nil and empty fields get the defaults named
// below, but for Getenv and Home: without them there is no environment, and no file in a home folder.
type Sources struct {
	Flags  Flags
	Getenv func(string) string // os.Getenv in a program
	Home   string              // the home folder, absolute; os.UserHomeDir in a program

	// ReadFile returns a file's whole content and what it is; nil means OSFiles(). A missing file is fs.ErrNotExist.
	ReadFile func(path string) ([]byte, fs.FileInfo, error)
	// HTTP reaches the metadata service and credential URIs; nil means a client of its own without proxy and redirects.
	HTTP *http.Client
	// MetadataURL is the base address of the metadata service; "" means DefaultMetadataURL.
	MetadataURL string
	// RunCommand runs a credential_process and returns its standard output; nil means RunShell.
	RunCommand func(ctx context.Context, command string) ([]byte, error)
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
}

func (s Sources) withDefaults() Sources {
	if s.Getenv == nil {
		s.Getenv = func(string) string { return "" }
	}
	if s.ReadFile == nil {
		s.ReadFile = OSFiles()
	}
	if s.HTTP == nil {
		s.HTTP = directClient()
	}
	if s.MetadataURL == "" {
		s.MetadataURL = DefaultMetadataURL
	}
	if s.RunCommand == nil {
		s.RunCommand = RunShell
	}
	if s.Clock == nil {
		s.Clock = time.Now
	}
	return s
}

// directClient makes a client for addresses that hand out credentials: a proxy would see them, and a redirect could
// lead anywhere, so there is neither.
func directClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: 10 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// OSFiles returns the ReadFile of a real machine. Symbolic links are followed (dotfile managers make them) and what is
// described is the file that was opened, so nobody can swap it between check and read. Anything but a regular file,
// or one above 1 MiB, is an error; a FIFO does not block it.
func OSFiles() func(path string) ([]byte, fs.FileInfo, error) {
	return func(path string) ([]byte, fs.FileInfo, error) {
		f, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, info, errNotRegular
		}
		data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
		if err != nil {
			return nil, info, err
		}
		if len(data) > maxFileSize {
			return nil, info, errTooBig
		}
		return data, info, nil
	}
}

var (
	errNotRegular = errors.New("not a regular file")
	errTooBig     = fmt.Errorf("larger than %d KiB, which no configuration is", maxFileSize>>10)
)

// read reads one configuration file, and refuses what is no regular file whatever ReadFile let pass.
func (s Sources) read(path string) ([]byte, fs.FileInfo, error) {
	data, info, err := s.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, err
	case err != nil:
		var pe *fs.PathError // says the path a second time
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, nil, &FileError{Path: s.show(path), Problem: err.Error(), Err: err}
	case info != nil && !info.Mode().IsRegular():
		return nil, nil, &FileError{Path: s.show(path), Problem: errNotRegular.Error(), Err: errNotRegular}
	}
	return data, info, nil
}

// show shortens a path below the home folder to ~/…, as people and shells write it.
func (s Sources) show(path string) string {
	if s.Home != "" {
		if rest, ok := strings.CutPrefix(path, strings.TrimSuffix(s.Home, "/")+"/"); ok {
			return "~/" + rest
		}
	}
	return path
}

// expand resolves a leading ~/ of a path that came from a flag or the environment, where no shell did it.
func (s Sources) expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && s.Home != "" {
		return filepath.Join(s.Home, rest)
	}
	return path
}

// homePath is a path below the home folder, "" where there is none.
func (s Sources) homePath(elem ...string) string {
	if s.Home == "" {
		return ""
	}
	return filepath.Join(append([]string{s.Home}, elem...)...)
}

// ConfigPath is where config.toml is looked for: the flag, PARTWAY_CONFIG, $XDG_CONFIG_HOME/partway/config.toml,
// ~/.config/partway/config.toml. It is "" where none of them can be told. For whoever writes that file.
func (s Sources) ConfigPath() string {
	s = s.withDefaults()
	if s.Flags.Config != "" {
		return s.expand(s.Flags.Config)
	}
	if p := s.Getenv("PARTWAY_CONFIG"); p != "" {
		return s.expand(p)
	}
	if dir := s.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) { // the XDG specification: relative paths are ignored
		return filepath.Join(dir, "partway", "config.toml")
	}
	return s.homePath(".config", "partway", "config.toml")
}

func (s Sources) ossutilPath() string {
	if p := s.Getenv("OSSUTIL_CONFIG_FILE"); p != "" {
		return s.expand(p)
	}
	return s.homePath(".ossutilconfig")
}

func (s Sources) aliyunPath() string {
	if p := s.Getenv("ALIBABA_CLOUD_CONFIG_FILE"); p != "" {
		return s.expand(p)
	}
	return s.homePath(".aliyun", "config.json")
}
