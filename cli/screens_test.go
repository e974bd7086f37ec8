package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
	"partway/ossapi/profile"
	"partway/transfer"
	"partway/tui"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if n, value, _ := strings.Cut(p, "="); n == name {
				return value
			}
		}
		return ""
	}
}

func TestGlyphsByLocaleAndTerminal(t *testing.T) {
	for _, test := range []struct {
		env  []string
		want string
	}{
		{nil, "unicode"},
		{[]string{"LANG=en_US.UTF-8"}, "unicode"},
		{[]string{"LANG=C.utf8"}, "unicode"},
		{[]string{"LANG=C"}, "ascii"},
		{[]string{"LANG=zh_CN.GB18030"}, "ascii"},
		{[]string{"LANG=zh_CN.UTF-8"}, "safe"},
		{[]string{"LANG=en_US.UTF-8", "LC_CTYPE=ja_JP.UTF-8"}, "safe"},
		{[]string{"LANG=zh_CN.UTF-8", "LC_ALL=C.UTF-8"}, "unicode"},
		{[]string{"LANG=en_US.UTF-8", "TERM=linux"}, "ascii"},
		{[]string{"LANG=en_US.UTF-8", "TERM=vt220"}, "ascii"},
	} {
		if got := glyphsOf(environment(test.env...)); got != test.want {
			t.Errorf("%v: %s, want %s", test.env, got, test.want)
		}
	}
}

func TestTaskbarByAllowList(t *testing.T) {
	for _, test := range []struct {
		env  []string
		want bool
	}{
		{nil, false},
		{[]string{"TERM=xterm-256color"}, false},
		{[]string{"WT_SESSION=1"}, true},
		{[]string{"WT_SESSION=1", "TMUX=/tmp/x"}, false},
		{[]string{"TERM_PROGRAM=ghostty"}, true},
		{[]string{"TERM_PROGRAM=ghostty", "TERM=screen-256color"}, false},
		{[]string{"TERM_PROGRAM=WezTerm", "ZELLIJ=0"}, false},
		{[]string{"TERM_PROGRAM=WezTerm"}, true},
		{[]string{"TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=3.5.14"}, false},
		{[]string{"TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=3.6.0"}, true},
		{[]string{"TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=4"}, true},
		{[]string{"TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=beta"}, false},
		{[]string{"TERM_PROGRAM=vscode"}, false},
		{[]string{"KONSOLE_VERSION=240802"}, true},
		{[]string{"VTE_VERSION=7600"}, false},
		{[]string{"VTE_VERSION=8000"}, true},
		{[]string{"VTE_VERSION=8000", "STY=1.x"}, false},
	} {
		if got := taskbar(environment(test.env...)); got != test.want {
			t.Errorf("%v: %v", test.env, got)
		}
	}
}

func TestLook(t *testing.T) {
	auto := screenFlags{glyphs: "auto", theme: "auto"}
	for _, test := range []struct {
		name  string
		flags screenFlags
		color string
		ui    map[string]any
		env   []string
		want  tui.Options
		fails string
	}{
		{name: "what the terminal says", flags: auto, env: []string{"COLORFGBG=0;15"}, want: tui.Options{Glyphs: "unicode", Theme: "light"}},
		{name: "what the terminal says, dark", flags: auto, env: []string{"COLORFGBG=15;default;0"}, want: tui.Options{Glyphs: "unicode", Theme: "dark"}},
		{name: "the profile", flags: auto, ui: map[string]any{"theme": "deuter", "glyphs": "safe", "motion": false, "mouse": false, "currency": "CNY", "notify": "osc"},
			want: tui.Options{Glyphs: "safe", Theme: "deuter", Calm: true, NoMouse: true, Currency: "CNY", Notify: "osc"}},
		{name: "flags beat the profile", flags: screenFlags{glyphs: "ascii", theme: "mono"}, ui: map[string]any{"theme": "deuter", "glyphs": "safe"},
			want: tui.Options{Glyphs: "ascii", Theme: "mono"}},
		{name: "NO_COLOR", flags: auto, env: []string{"NO_COLOR=1"}, want: tui.Options{Glyphs: "unicode", NoColor: true}},
		{name: "an empty NO_COLOR says nothing", flags: auto, env: []string{"NO_COLOR="}, want: tui.Options{Glyphs: "unicode"}},
		{name: "--color always", flags: auto, color: "always", env: []string{"NO_COLOR=1"}, want: tui.Options{Glyphs: "unicode"}},
		{name: "--color never", flags: auto, color: "never", want: tui.Options{Glyphs: "unicode", NoColor: true}},
		{name: "a notification that is not there", flags: auto, ui: map[string]any{"notify": "smoke"}, fails: "notify"},
		{name: "a theme that is not there", flags: auto, ui: map[string]any{"theme": "pink"}, fails: "pink"},
		{name: "glyphs that are not there", flags: screenFlags{glyphs: "emoji", theme: "auto"}, fails: "--glyphs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.color == "" {
				test.color = "auto"
			}
			a := &app{env: Env{Getenv: environment(test.env...)}, global: globalFlags{color: test.color}}
			got, err := a.lookOf(&test.flags, test.ui)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) || exitCode(err) != ExitUsage {
					t.Errorf("error %v", err)
				}
				return
			}
			test.want.Program = "partway"
			if test.want.Notify == "" {
				test.want.Notify = "bell"
			}
			if got.Notify != test.want.Notify {
				t.Errorf("called by %q, want %q", got.Notify, test.want.Notify)
			}
			if err != nil || got.Glyphs != test.want.Glyphs || got.Theme != test.want.Theme || got.NoColor != test.want.NoColor ||
				got.Calm != test.want.Calm || got.NoMouse != test.want.NoMouse || got.Currency != test.want.Currency || got.Program != test.want.Program {
				t.Errorf("%v, %+v", err, got)
			}
		})
	}
}

func TestHasScreen(t *testing.T) {
	both := Env{StdinTTY: true, StdoutTTY: true, Getenv: environment("TERM=xterm")}
	for _, test := range []struct {
		name   string
		change func(*app)
		want   bool
	}{
		{"a terminal", func(*app) {}, true},
		{"input from a pipe", func(a *app) { a.env.StdinTTY = false }, false},
		{"output into a pipe", func(a *app) { a.env.StdoutTTY = false }, false},
		{"a terminal that cannot move its cursor", func(a *app) { a.env.Getenv = environment("TERM=dumb") }, false},
		{"--json", func(a *app) { a.global.json = true }, false},
		{"--quiet", func(a *app) { a.global.quiet = true }, false},
	} {
		a := &app{env: both}
		test.change(a)
		if got := a.hasScreen(); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestPolicyIsJSON(t *testing.T) {
	var policy struct {
		Version   string
		Statement []struct {
			Effect           string
			Action, Resource []string
		}
	}
	if err := json.Unmarshal([]byte(leastPolicy()), &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Statement) != 1 || len(policy.Statement[0].Action) != len(leastRights()) || policy.Statement[0].Effect != "Allow" {
		t.Errorf("%+v", policy)
	}
}

// aMachine is a home folder with two profiles of two accounts on one server, and a session of the first.
func aMachine(t *testing.T) (*session, *emulator.Server) {
	t.Helper()
	home := t.TempDir()
	server, err := emulator.New(emulator.Options{Dir: filepath.Join(home, "oss"), Credentials: map[string]string{"one": "s1", "two": "s2"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, bucket := range []string{"first", "second", "third"} {
		if err := server.CreateBucket(bucket); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		_ = server.Close()
		web.Close()
	})
	config := `default = "one"
[profile.one]
endpoint = "` + web.URL + `"
region = "cn-hangzhou"
access_key_id = "one"
access_key_secret = "s1"
bucket = "first"
[profile.two]
endpoint = "` + web.URL + `"
region = "cn-hangzhou"
access_key_id = "two"
access_key_secret = "s2"
bucket = "second"
protect = true
read_only = true
`
	folder := filepath.Join(home, ".config", "partway")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{env: Env{Getenv: environment(), Home: home, Now: time.Now, Stderr: os.Stderr, Host: "test", PID: 1}}
	s, err := a.connect(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s, server
}

func bucketsOf(list []tui.PlaceInfo) (names []string) {
	for _, p := range list {
		names = append(names, p.Place.Profile+":"+p.Place.Bucket)
	}
	return names
}

func TestPlacesOfAMachine(t *testing.T) {
	s, server := aMachine(t)
	p := &places{session: s}
	known, err := p.Known(t.Context())
	if err != nil || strings.Join(bucketsOf(known), " ") != "one:first one:first two:second" {
		t.Fatalf("%v, known are %q", err, bucketsOf(known))
	}
	if known[0].Place != known[1].Place {
		t.Errorf("one bucket is two places: %+v and %+v", known[0].Place, known[1].Place)
	}
	if two := known[2]; !two.Protect || !two.ReadOnly {
		t.Errorf("the rules of the second profile are lost: %+v", two)
	}
	listed, err := p.Buckets(t.Context(), "two")
	if err != nil || strings.Join(bucketsOf(listed), " ") != "two:first two:second two:third" {
		t.Errorf("%v, listed are %q", err, bucketsOf(listed))
	}
	server.SetFaults(1, emulator.Fault{Op: emulator.OpListBuckets, Times: -1, Effect: emulator.Answer{Status: http.StatusForbidden, Code: "AccessDenied"}})
	if _, err := p.Buckets(t.Context(), "two"); err == nil || !strings.Contains(err.Error(), "oss:ListBuckets") {
		t.Errorf("denied: %v", err)
	}
	if _, err := p.Buckets(t.Context(), "nobody"); err == nil {
		t.Error("the buckets of a profile that is not there are listed")
	}
}

// TestPlacesOpenAsWhoTheyAre: a place is opened with the credentials of its own profile, whatever the session's flags say.
func TestPlacesOpenAsWhoTheyAre(t *testing.T) {
	s, _ := aMachine(t)
	s.app.global.profile = profile.Flags{Profile: "one", Region: "cn-hangzhou"}
	p := &places{session: s}
	opened, err := p.Open(t.Context(), tui.PlaceInfo{Place: model.Place{Profile: "two", Bucket: "third"}})
	if err != nil {
		t.Fatal(err)
	}
	if !opened.Protect || !opened.ReadOnly || opened.Place.Profile != "two" || opened.Place.Endpoint == "" || opened.Place.Region != "cn-hangzhou" {
		t.Errorf("opened %+v", opened)
	}
	store, err := s.open(t.Context(), opened.Place)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range transfer.ListUploads(t.Context(), store, ossapi.ListUploadsRequest{Bucket: "third"}, transfer.Policy{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, is := s.doors[opened.Place]; !is || s.doors[opened.Place].credentials == s.doors[s.place].credentials {
		t.Error("the place was opened with the credentials of the session")
	}
	if again, err := p.Open(context.Background(), opened); err != nil || again.Place != opened.Place {
		t.Errorf("opened again: %v, %+v", err, again)
	}
	if _, err := p.Open(t.Context(), tui.PlaceInfo{Place: model.Place{Profile: "nobody", Bucket: "third"}}); err == nil {
		t.Error("a place of a profile that is not there is opened")
	}
}

// TestJobsOfOtherProfilesGoOnAsTheirs: on the command line --profile says who goes on with a job; for the screens it only says where to
// begin, and a job of another profile goes on as its own.
func TestJobsOfOtherProfilesGoOnAsTheirs(t *testing.T) {
	for _, screens := range []bool{false, true} {
		s, _ := aMachine(t)
		s.app.global.profile = profile.Flags{Profile: "one"}
		s.ownProfiles = screens
		place := model.Place{Profile: "two", Endpoint: s.place.Endpoint, Region: s.place.Region, Bucket: "third"}
		if _, err := s.open(t.Context(), place); err != nil {
			t.Fatal(err)
		}
		credentials, err := s.doors[place].credentials.Credentials(t.Context())
		if want := map[bool]string{false: "one", true: "two"}[screens]; err != nil || credentials.AccessKeyID != want {
			t.Errorf("screens %v: the job goes on as %q, want %q; %v", screens, credentials.AccessKeyID, want, err)
		}
	}
}

// ending is credentials that end.
type ending struct {
	ossapi.CredentialsProvider
	at time.Time
}

func (e ending) Ends() time.Time { return e.at }

// TestScreensAreToldOfThePastAndOfTheEnd: the engine of the screens shows what earlier runs finished, and when the credentials end.
func TestScreensAreToldOfThePastAndOfTheEnd(t *testing.T) {
	s, _ := aMachine(t)
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 3*model.MinPartSize), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.startEngine(model.Limits{}); err != nil {
		t.Fatal(err)
	}
	put := model.EnqueueFile{Path: path, Place: s.place, Key: "k.tar", Send: model.SendOptions{PartSize: model.MinPartSize}}
	if err := s.engine.Do(t.Context(), model.Enqueue{Files: []model.EnqueueFile{put}}); err != nil {
		t.Fatal(err)
	}
	for snap := s.engine.Snapshot(); snap.Totals.Done == 0; snap = s.engine.Snapshot() {
		if snap.Totals.Failed > 0 {
			t.Fatalf("%+v", snap.Jobs)
		}
		<-s.engine.Changed()
	}
	if err := s.engine.Close(); err != nil {
		t.Fatal(err)
	}
	s.engine = nil

	end := time.Now().Add(10 * time.Minute)
	d := s.doors[s.place]
	if got := s.credentialsEnd(s.place); !got.IsZero() {
		t.Errorf("a permanent key ends at %v", got)
	}
	d.credentials = ending{d.credentials, end}
	s.doors[s.place] = d
	if got := s.credentialsEnd(model.Place{Bucket: "never seen"}); !got.IsZero() {
		t.Errorf("a place that was never opened ends at %v", got)
	}
	if err := s.startScreenEngine(transfer.View{Place: s.place}); err != nil {
		t.Fatal(err)
	}
	snap := s.engine.Snapshot()
	if len(snap.History) != 1 || snap.History[0].Key != "k.tar" || snap.History[0].Status != model.StatusDone {
		t.Errorf("the past is %+v", snap.History)
	}
	if !snap.Link.CredentialsEnd.Equal(end) {
		t.Errorf("the credentials end at %v, want %v", snap.Link.CredentialsEnd, end)
	}
}
