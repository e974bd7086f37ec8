package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// demoLimit makes uploads on this machine take minutes, so that there is something to watch.
const demoLimit = 3 * model.MiB

// demoParts of each file at once let every file move, where the engine alone would find one enough for so little bandwidth.
const demoParts = 4

// demoFile is a file that is being sent when the screens of the demo open. It holds zeros and takes no room.
type demoFile struct {
	name, key string
	size      int64
}

func demoFiles(now time.Time) []demoFile {
	day := now.Format(time.DateOnly)
	return []demoFile{
		{"orders.dump.zst", "db/" + day + "/orders.dump.zst", 180 * model.MiB},
		{"vm-2211.qcow2", "img/vm-2211.qcow2", 64 * model.MiB},
		{"景区宣传片-4K-final.mov", "video/raw/景区宣传片-4K-final.mov", 240*model.MiB + 345_678},
		{"handbook.pdf", "docs/handbook.pdf", 5*model.MiB + 17},
		{"c-cam-01.mov", "video/raw/c-cam-01.mov", 96 * model.MiB},
		{"c-cam-02.mov", "video/raw/c-cam-02.mov", 88 * model.MiB},
		{"照片备份-2026.zip", "备份/照片备份-2026.zip", 40 * model.MiB},
	}
}

// demoFaults are what goes wrong in the demo: one file may not be sent to its end, and now and then a connection breaks.
func demoFaults() []emulator.Fault {
	return []emulator.Fault{
		{Op: emulator.OpUploadPart, Key: "img/vm-2211.qcow2", Skip: 4, Times: -1, Effect: emulator.Answer{Status: 403, Code: "AccessDenied",
			Message: "You have no right to access this object because of bucket acl.", EC: "0003-00000001"}},
		{Op: emulator.OpUploadPart, Times: -1, Probability: 0.05, Effect: emulator.ResetBody{After: 300_000}},
	}
}

// demoScreens opens the screens on the world of the demo: everything in it may be done, and nothing leaves the machine.
func (a *app) demoScreens(ctx context.Context, f *screenFlags) (err error) {
	dir, err := os.MkdirTemp("", "partway-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	world, err := newDemoWorld(ctx, dir, a.env.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	in := a.inside(world)
	s, err := in.connect(ctx, demoBucket)
	if err != nil {
		return err
	}
	s.profile.Settings.Limit, s.profile.Settings.Parts = demoLimit, 3*demoParts
	s.profile.Settings.PriceGiBMonth = 0.12
	s.profile.Settings.UI = map[string]any{"currency": "CNY"}
	files, err := world.toSend(s)
	if err != nil {
		return errors.Join(err, s.close())
	}
	err = s.show(ctx, f, screening{view: transfer.View{Place: s.place, Every: relistEvery}, queue: files})
	a.say("partway: this was a demo; its bucket and its files are removed")
	if end, is := errors.AsType[reported](err); is && end.code == ExitFailed {
		return nil // one upload fails for the show
	}
	return err
}

// inside is the program as it is run in the demo's world: its files, its credentials, and the terminal of the person who looks on.
func (a *app) inside(world *demoWorld) *app {
	in := &app{env: a.env, out: a.out, stop: a.stop, global: globalFlags{color: a.global.color, progress: "none"}}
	in.env.Home, in.env.Dir = world.home, world.files
	in.env.Getenv = func(name string) string {
		if value, is := world.environment[name]; is && name != "LANG" {
			return value
		}
		switch name {
		case "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "NO_COLOR", "COLORFGBG", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY", "ZELLIJ",
			"WT_SESSION", "KONSOLE_VERSION", "VTE_VERSION":
			return a.env.Getenv(name)
		}
		return ""
	}
	return in
}

// toSend makes the files that are being sent when the screens open.
func (w *demoWorld) toSend(s *session) (files []model.EnqueueFile, err error) {
	w.server.SetFaults(1, demoFaults()...)
	for _, f := range demoFiles(s.app.env.Now()) {
		path := filepath.Join(w.files, f.name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return nil, err
		}
		if err := os.Truncate(path, f.size); err != nil {
			return nil, fmt.Errorf("make %s: %w", f.name, err)
		}
		files = append(files, model.EnqueueFile{Path: path, Place: s.place, Key: f.key, Send: model.SendOptions{PartSize: model.MiB, Parts: demoParts}})
	}
	return files, w.age(s.app.env.Now().Add(-73 * time.Hour))
}

// age dates the local files back: one that was written a moment ago is taken for one that still grows.
func (w *demoWorld) age(to time.Time) error {
	entries, err := os.ReadDir(w.files)
	for _, entry := range entries {
		err = errors.Join(err, os.Chtimes(filepath.Join(w.files, entry.Name()), to, to))
	}
	return err
}
