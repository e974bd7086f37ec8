package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partway/ossapi/emulator"
)

// canary stands for a secret: no output and no file of any test may hold it.
const canary = "canary-secret-5f1d9c"

// desk is a person at a terminal, with the emulator in reach.
type desk struct {
	t      *testing.T
	server *emulator.Server
	env    map[string]string
	dir    string
	home   string
	// Of the last run.
	stdout, stderr bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	server, err := emulator.New(emulator.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		_ = server.Close() // first: it ends the waits of faults
		web.Close()
	})
	return &desk{t: t, server: server, dir: t.TempDir(), home: t.TempDir(), env: map[string]string{"OSS_ENDPOINT": web.URL,
		"OSS_REGION": "cn-hangzhou", "OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": canary, "TERM": "xterm", "LANG": "C.UTF-8"}}
}

// run types a command and answers its questions.
func (d *desk) run(answers string, args ...string) int {
	d.stdout.Reset()
	d.stderr.Reset()
	return Run(d.t.Context(), args, d.environment(strings.NewReader(answers), &d.stdout))
}

func (d *desk) environment(stdin io.Reader, stdout io.Writer) Env {
	return Env{Stdin: stdin, Stdout: stdout, Stderr: &d.stderr, StdinTTY: true, StdoutTTY: true, StderrTTY: true,
		TerminalSize: func() (int, int) { return 80, 24 }, Getenv: func(name string) string { return d.env[name] },
		Home: d.home, Dir: d.dir, Now: time.Now, Executable: os.Executable, Host: "test", PID: 1}
}

func (d *desk) seed(key string, idle time.Duration, parts int) string {
	d.t.Helper()
	at := time.Now().Add(-idle)
	seed := emulator.Seed{Bucket: "bucket", Key: key, Initiated: at}
	for n := 1; n <= parts; n++ {
		seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Size: 100 << 10, Modified: at})
	}
	id, err := d.server.SeedUpload(seed)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// hold makes the server keep every request of an operation without an answer, and does something when the first one comes.
func (d *desk) hold(op emulator.Op, first func()) {
	var once sync.Once
	d.server.SetFaults(1, emulator.Fault{Op: op, Times: -1, Effect: emulator.Hook{Func: func(r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices that a client has gone only behind the body
		once.Do(first)
		<-r.Context().Done()
	}}})
}

// TestQuestions answers what is asked on a terminal: nothing is done but for the one answer that is wanted.
func TestQuestions(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		args   []string
		code   int
		left   int // unfinished uploads, of two
	}{
		"yes to one":            {"y\n", []string{"abort", "oss://bucket/a"}, ExitOK, 1},
		"no to one":             {"n\n", []string{"abort", "oss://bucket/a"}, ExitConfirm, 2},
		"enter":                 {"\n", []string{"abort", "oss://bucket/a"}, ExitConfirm, 2},
		"nothing":               {"", []string{"abort", "oss://bucket/a"}, ExitConfirm, 2},
		"yes to two":            {"y\n", []string{"abort", "oss://bucket/a", "oss://bucket/b"}, ExitConfirm, 2},
		"the count of two":      {"2\n", []string{"abort", "oss://bucket/a", "oss://bucket/b"}, ExitOK, 0},
		"the same one twice":    {"y\n", []string{"abort", "oss://bucket/a", "oss://bucket/a"}, ExitOK, 1},
		"without a question":    {"", []string{"abort", "oss://bucket/a", "--yes"}, ExitOK, 1},
		"prune, the count":      {"2\n", []string{"prune", "oss://bucket", "--older-than", "1d"}, ExitOK, 0},
		"prune, yes is not two": {"y\n", []string{"prune", "oss://bucket", "--older-than", "1d"}, ExitConfirm, 2},
		"complete":              {"y\n", []string{"complete", "oss://bucket/a"}, ExitOK, 1},
		"not complete":          {"n\n", []string{"complete", "oss://bucket/a"}, ExitConfirm, 2},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.seed("a", 48*time.Hour, 2)
			d.seed("b", 48*time.Hour, 2)
			if code := d.run(test.answer, test.args...); code != test.code {
				t.Errorf("exit code %d, want %d\n%s", code, test.code, d.stderr.String())
			}
			if left := d.server.UploadCount("bucket"); left != test.left {
				t.Errorf("%d unfinished uploads are left, want %d", left, test.left)
			}
		})
	}
}

// TestQuestionWarnsOfALiveUpload: what is about to be freed and who may be sending is said before.
func TestQuestionWarnsOfALiveUpload(t *testing.T) {
	d := newDesk(t)
	d.seed("alive", time.Minute, 3)
	d.run("n\n", "abort", "oss://bucket/alive")
	for _, want := range []string{"oss://bucket/alive", "3 parts, 300 KiB", "somebody may be sending to it", "cannot be brought back"} {
		if !strings.Contains(d.stderr.String(), want) {
			t.Errorf("the question does not say %q:\n%s", want, d.stderr.String())
		}
	}
}

// TestPruneLooksAgain: a part arrives between the question and the abort, and the upload stays.
func TestPruneLooksAgain(t *testing.T) {
	d := newDesk(t)
	id := d.seed("slow", 48*time.Hour, 2)
	d.seed("dead", 48*time.Hour, 2)
	reader := answerAfter{do: func() {
		url := fmt.Sprintf("%s/bucket/slow?partNumber=3&uploadId=%s", d.env["OSS_ENDPOINT"], id)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader("a late part"))
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Error(err)
			return
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("the late part: %s", answer.Status)
		}
	}, answer: strings.NewReader("2\n")}
	code := Run(t.Context(), []string{"prune", "oss://bucket", "--older-than", "1d"}, d.environment(reader, &d.stdout))
	if code != ExitOK || d.server.UploadCount("bucket") != 1 {
		t.Errorf("exit code %d, %d uploads left\n%s", code, d.server.UploadCount("bucket"), d.stderr.String())
	}
	if !strings.Contains(d.stderr.String(), "left     oss://bucket/slow  left alone: a part arrived") {
		t.Errorf("it is not said why one stays:\n%s", d.stderr.String())
	}
}

// answerAfter does something before the answer is typed.
type answerAfter struct {
	do     func()
	answer *strings.Reader
}

func (r answerAfter) Read(p []byte) (int, error) {
	if r.answer.Len() > 0 {
		r.do()
	}
	return r.answer.Read(p)
}

// TestPutOnATerminal sends with the live display and leaves nothing of it behind but whole lines.
func TestPutOnATerminal(t *testing.T) {
	d := newDesk(t)
	if err := os.WriteFile(filepath.Join(d.dir, "f"), bytes.Repeat([]byte("x"), 500_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := d.run("", "put", "f", "oss://bucket/", "--part-size", "100K"); code != ExitOK {
		t.Fatalf("exit code %d\n%s", code, d.stderr.String())
	}
	if !strings.Contains(d.stderr.String(), "done     oss://bucket/f  488 KiB") || d.stdout.Len() > 0 {
		t.Errorf("stderr %q, stdout %q", d.stderr.String(), d.stdout.String())
	}
}

// TestReaderThatLeaves: a closed standard output ends a listing without a word.
func TestReaderThatLeaves(t *testing.T) {
	d := newDesk(t)
	d.seed("a", time.Hour, 1)
	code := Run(t.Context(), []string{"ls", "oss://bucket"}, d.environment(strings.NewReader(""), closedPipe{}))
	if code != ExitOK || d.stderr.Len() > 0 {
		t.Errorf("exit code %d, said %q", code, d.stderr.String())
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Err: syscall.EPIPE}
}

// TestSignals: the first ends in order, the second at once, and a command that only looks ends at the first.
func TestSignals(t *testing.T) {
	t.Run("while listing", func(t *testing.T) {
		d := newDesk(t)
		signals := make(chan os.Signal, 2)
		d.hold(emulator.OpListUploads, func() { signals <- os.Interrupt })
		env := d.environment(strings.NewReader(""), &d.stdout)
		env.Signals = signals
		if code := Run(t.Context(), []string{"ls", "oss://bucket"}, env); code != ExitInterrupted || d.stderr.String() != "partway: interrupted\n" {
			t.Errorf("exit code %d\n%s", code, d.stderr.String())
		}
	})
	t.Run("twice while sending", func(t *testing.T) {
		d := newDesk(t)
		if err := os.WriteFile(filepath.Join(d.dir, "f"), bytes.Repeat([]byte("x"), 500_000), 0o600); err != nil {
			t.Fatal(err)
		}
		signals := make(chan os.Signal, 2)
		sent := false
		d.hold(emulator.OpUploadPart, func() { signals <- os.Interrupt })
		env := d.environment(strings.NewReader(""), &d.stdout)
		env.StderrTTY = false
		env.Stderr = writerFunc(func(p []byte) {
			d.stderr.Write(p)
			// Once the orderly end is announced, the person loses patience.
			if !sent && strings.Contains(d.stderr.String(), "once more stops at once") {
				sent = true
				signals <- os.Interrupt
			}
		})
		env.Signals = signals
		if code := Run(t.Context(), []string{"put", "f", "oss://bucket/", "--part-size", "100K"}, env); code != ExitInterrupted {
			t.Errorf("exit code %d\n%s", code, d.stderr.String())
		}
		if !strings.Contains(d.stderr.String(), "resume --all") {
			t.Errorf("the command that goes on is not named:\n%s", d.stderr.String())
		}
	})
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// TestRunLeavesNoGoroutine runs every kind of command and counts what is left.
func TestRunLeavesNoGoroutine(t *testing.T) {
	d := newDesk(t)
	before := goleak.IgnoreCurrent()
	d.seed("a", 48*time.Hour, 2)
	if err := os.WriteFile(filepath.Join(d.dir, "f"), bytes.Repeat([]byte("x"), 500_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"put", "f", "oss://bucket/", "--part-size", "100K"}, {"ls", "oss://bucket", "--measure"}, {"parts", "oss://bucket/a"},
		{"resume", "--all"}, {"abort", "oss://bucket/a", "--yes"}, {"verify", "oss://bucket/f", "f"}, {"put", "missing", "oss://bucket/"}} {
		d.run("", args...)
	}
	// The server's side of connections ends a moment after the client's.
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*conn).serve"), goleak.IgnoreAnyFunction("net/http.(*connReader).backgroundRead"))
}

// TestSecretsStaySecret plants a secret and looks for it in everything that is printed in all states of failure.
func TestSecretsStaySecret(t *testing.T) {
	d := newDesk(t)
	d.server.SetFaults(1, emulator.Fault{Times: -1, Effect: emulator.Answer{Status: 403, Code: "SignatureDoesNotMatch", Message: "StringToSign: " + "x"}})
	for _, args := range [][]string{{"ls", "oss://bucket", "-v", "--json"}, {"put", "f", "oss://bucket/", "-v"}, {"--help"}, {"version", "--json"}} {
		d.run("", args...)
		if strings.Contains(d.stdout.String()+d.stderr.String(), canary) {
			t.Errorf("partway %v prints the secret", args)
		}
	}
}

// TestRunStopsWithItsContext: the context of the caller ends a run like a second signal.
func TestRunStopsWithItsContext(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	d.hold(emulator.OpListUploads, func() { cancel(errors.New("enough")) })
	if code := Run(ctx, []string{"ls", "oss://bucket"}, d.environment(strings.NewReader(""), &d.stdout)); code == ExitOK {
		t.Errorf("exit code %d", code)
	}
}
