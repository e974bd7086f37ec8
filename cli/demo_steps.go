package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"partway/model"
	"partway/model/safe"
)

// play is the demo as it runs: it types commands and proves what they did.
type play struct {
	app      *app
	world    *demoWorld
	finished map[int]int // parts that the server had when the program was killed
}

// demoStep is one thing that is shown. do ends with an error if anything is not as it should be.
type demoStep struct {
	title string
	do    func(context.Context, *play) error
}

func demoSteps() []demoStep {
	return []demoStep{
		{"A bucket as it is after a year: what lies around unfinished, and what it holds", stepList},
		{"Send a file, and kill the program in the middle (kill -9)", stepKill},
		{"Go on: only what is missing is sent", stepResume},
		{"Prove the object against the file, without fetching it", stepVerify},
		{"Adopt somebody else's upload: the parts that equal the file stay", stepAdopt},
		{"Complete an upload that has all its parts, without a file", stepComplete},
		{"Abort one that nobody wants: its parts are freed, and that is proved", stepAbort},
		{"Ask what a clean-up by age would abort; the age is that of the newest part", stepPrune},
	}
}

// say writes a line of the demo.
func (p *play) say(format string, args ...any) {
	fmt.Fprintf(p.app.out, "   "+format+"\n", args...)
}

// proved writes what a step has shown to be true.
func (p *play) proved(format string, args ...any) { p.say("=> "+format, args...) }

// shell types a command, shows what it prints, and expects it to end with code 0. It returns what it wrote to standard output.
func (p *play) shell(ctx context.Context, args ...string) (string, error) {
	p.prompt(args)
	var data bytes.Buffer
	people := &indented{to: p.app.out, with: "   ", fresh: true}
	code := Run(ctx, args, Env{
		Stdin: strings.NewReader(""), Stdout: io.MultiWriter(people, &data), Stderr: people,
		Getenv: p.world.getenv, Home: p.world.home, Dir: p.world.files,
		Now: p.app.env.Now, Executable: p.app.env.Executable, Host: p.app.env.Host, PID: p.app.env.PID,
	})
	if code != ExitOK {
		return "", fmt.Errorf("partway %s ended with code %d", args[0], code)
	}
	return data.String(), nil
}

func (p *play) prompt(args []string) {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = safe.Quote(arg)
	}
	p.say("$ partway %s", strings.Join(quoted, " "))
}

// indented writes every line behind a margin.
type indented struct {
	to    io.Writer
	with  string
	fresh bool // at the start of a line
}

func (w *indented) Write(b []byte) (int, error) {
	var out bytes.Buffer
	for _, c := range b {
		if w.fresh {
			out.WriteString(w.with)
		}
		out.WriteByte(c)
		w.fresh = c == '\n'
	}
	if _, err := w.to.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

func demoURL(key string) string { return "oss://" + demoBucket + "/" + key }

func stepList(ctx context.Context, p *play) error {
	listed, err := p.shell(ctx, "ls", "oss://"+demoBucket, "--measure")
	if err != nil {
		return err
	}
	rows := strings.Count(listed, "\n") - 1
	if have := p.world.server.UploadCount(demoBucket); rows != have {
		return fmt.Errorf("%d uploads were listed and the server has %d", rows, have)
	}
	p.proved("all %d unfinished uploads of the server are in the list", rows)
	return nil
}

// killAfter is how many parts are to be finished when the program is killed.
const killAfter = 12

func stepKill(ctx context.Context, p *play) error {
	program, err := p.app.env.Executable()
	if err != nil {
		return fmt.Errorf("find the program to run it again: %w", err)
	}
	args := []string{"put", "disk-image.raw", demoURL(demoKey), "--part-size", "1M", "--limit", "10M", "--quiet"}
	p.prompt(args)
	child := exec.CommandContext(ctx, program, args...)
	child.Args[0] = "partway"
	child.Dir = p.world.files
	child.Env = []string{"PATH=" + p.app.env.Getenv("PATH")}
	for name, value := range p.world.environment {
		child.Env = append(child.Env, name+"="+value)
	}
	var complaints bytes.Buffer
	child.Stderr = &complaints
	if err := child.Start(); err != nil {
		return err
	}
	waitErr := p.awaitParts(ctx, killAfter)
	killErr := child.Process.Kill()
	_ = child.Wait() // it was killed: that is the point
	if err := errors.Join(waitErr, killErr); err != nil {
		return fmt.Errorf("%w %s", err, sentence(complaints.String()))
	}
	p.say("Killed: no signal handler ran, nothing was cleaned up.")
	p.finished = p.world.parts(demoKey, 0)
	if _, _, err := p.world.server.OpenObject(demoBucket, demoKey); err == nil {
		return errors.New("the object is there already: the program was killed too late")
	}
	p.proved("the server holds %s of 41, and no object", count(len(p.finished), "part"))
	return nil
}

// awaitParts waits until the server has accepted so many parts of the file.
func (p *play) awaitParts(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(p.world.parts(demoKey, 0)) < n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the upload did not get to part %d: %w", n, ctx.Err())
		}
	}
	return nil
}

func stepResume(ctx context.Context, p *play) error {
	before := len(p.world.server.Requests())
	if _, err := p.shell(ctx, "resume", "--all"); err != nil {
		return err
	}
	again, sent := 0, p.world.parts(demoKey, before)
	for n := range sent {
		if p.finished[n] > 0 {
			again++
		}
	}
	if again > 0 {
		return fmt.Errorf("%d finished parts were sent again", again)
	}
	if err := p.world.equal(demoKey, "disk-image.raw"); err != nil {
		return err
	}
	p.proved("%s sent; of the %d finished before the kill, none was sent again", count(len(sent), "part"), len(p.finished))
	p.proved("the object has the SHA-256 of the file")
	return nil
}

func stepVerify(ctx context.Context, p *play) error {
	if _, err := p.shell(ctx, "verify", demoURL(demoKey), "disk-image.raw"); err != nil {
		return err
	}
	p.proved("size and CRC-64 of the object equal those of the file")
	return nil
}

func stepAdopt(ctx context.Context, p *play) error {
	before := len(p.world.server.Requests())
	if _, err := p.shell(ctx, "resume", demoURL(demoAdopt), "--file", "thesis.tar", "--yes"); err != nil {
		return err
	}
	sent := p.world.parts(demoAdopt, before)
	if len(sent) != 5 {
		return fmt.Errorf("%d parts were sent, and 5 were missing", len(sent))
	}
	if err := p.world.equal(demoAdopt, "thesis.tar"); err != nil {
		return err
	}
	p.proved("the 5 missing parts of 12 were sent, and the object has the SHA-256 of the file")
	return nil
}

func stepComplete(ctx context.Context, p *play) error {
	if _, err := p.shell(ctx, "complete", demoURL(demoComplete), "--yes"); err != nil {
		return err
	}
	if err := p.world.equal(demoComplete, "2019.zip"); err != nil {
		return err
	}
	p.proved("the object has the SHA-256 of the file that its parts came from")
	return nil
}

func stepAbort(ctx context.Context, p *play) error {
	before := p.world.server.UploadCount(demoBucket)
	if _, err := p.shell(ctx, "abort", demoURL(demoAbort), "--yes"); err != nil {
		return err
	}
	if after := p.world.server.UploadCount(demoBucket); after != before-1 {
		return fmt.Errorf("the server had %d unfinished uploads and has %d", before, after)
	}
	p.proved("the upload is gone from the server, with %s that were paid for", model.FormatSize(30*128*model.MiB))
	return nil
}

func stepPrune(ctx context.Context, p *play) error {
	before := p.world.server.UploadCount(demoBucket)
	listed, err := p.shell(ctx, "prune", "oss://"+demoBucket, "--older-than", "30d", "--dry-run")
	if err != nil {
		return err
	}
	expected := 0
	for _, u := range demoUploads() {
		if u.key == demoAbort {
			continue
		}
		old := u.idle >= 30*24*time.Hour
		if old {
			expected++
		}
		if old != strings.Contains(listed, u.key) {
			return fmt.Errorf("%s is without a part for %s and is treated wrongly", u.key, model.FormatDuration(u.idle))
		}
	}
	if rows := strings.Count(listed, "\n") - 1; rows != expected {
		return fmt.Errorf("%d uploads would be aborted instead of %d", rows, expected)
	}
	if after := p.world.server.UploadCount(demoBucket); after != before {
		return errors.New("a dry run aborted something")
	}
	p.proved("exactly the %d that nobody sent to for 30 days are named, and nothing was aborted", expected)
	return nil
}
