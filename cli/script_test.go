//go:build unix

package cli

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"partway/ossapi/emulator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"partway": func() { os.Exit(Main()) }})
}

// TestScripts runs the real program in processes of its own against the emulator on a socket.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setupScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": scriptCode, "seed": scriptSeed, "seedfile": scriptSeedFile, "fault": scriptFault, "same": scriptSame, "object": scriptObject,
			"interrupt": scriptInterrupt, "notagain": scriptNotAgain, "sent": scriptSent, "uploads": scriptUploads, "noise": scriptNoise,
			"fifo": scriptFIFO, "lines": scriptLines, "hostile": scriptHostile, "nocontrols": scriptNoControls, "nocanary": scriptNoCanary,
			"setid": scriptSetID, "checkpoint": scriptCheckpoint,
		},
	})
}

// server is the emulator of a script.
type server struct {
	*emulator.Server
	mark     int // requests before it are not counted by sent
	finished map[int]int
}

func setupScript(env *testscript.Env) error {
	emu, err := emulator.New(emulator.Options{Dir: filepath.Join(env.WorkDir, ".server"), Credentials: map[string]string{"id": canary}})
	if err != nil {
		return err
	}
	if err := emu.CreateBucket("bucket"); err != nil {
		return err
	}
	web := httptest.NewServer(emu)
	env.Defer(func() {
		_ = emu.Close() // first: it ends the waits of faults
		web.Close()
	})
	env.Values["server"] = &server{Server: emu}
	home := filepath.Join(env.WorkDir, ".home")
	env.Vars = append(env.Vars, "HOME="+home, "OSS_ENDPOINT="+web.URL, "OSS_REGION=cn-hangzhou", "OSS_ACCESS_KEY_ID=id",
		"OSS_ACCESS_KEY_SECRET="+canary, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true", "TZ=UTC", "STATE="+filepath.Join(home, ".local/state/partway"))
	return os.MkdirAll(home, 0o700)
}

func serverOf(ts *testscript.TestScript) *server { return ts.Value("server").(*server) }

// command prepares a program of a script.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	for _, name := range []string{"PATH", "HOME", "OSS_ENDPOINT", "OSS_REGION", "OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "TZ", "LANG",
		"ALIBABA_CLOUD_ECS_METADATA_DISABLED", "PARTWAY_PART_SIZE", "SECRET", "TMPDIR", "GOCOVERDIR"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	return cmd
}

// code N PROGRAM ARG...: the program ends with exit code N.
func scriptCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	checkCode(ts, command(ts, args[1:]).Run(), want)
}

func checkCode(ts *testscript.TestScript, err error, want int) {
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// interrupt SIGNAL PARTS KEY CODE PROGRAM ARG...: the signal comes when the server has accepted so many parts of the key.
func scriptInterrupt(ts *testscript.TestScript, _ bool, args []string) {
	signal := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[args[0]]
	parts, err := strconv.Atoi(args[1])
	ts.Check(err)
	code, err := strconv.Atoi(args[3])
	ts.Check(err)
	s := serverOf(ts)
	cmd := command(ts, args[4:])
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(s.accepted(args[2], s.mark)) < parts {
		select {
		case err := <-ended:
			ts.Fatalf("ended before the signal: %v", err)
		case <-tick.C:
		}
	}
	ts.Check(cmd.Process.Signal(signal))
	err = <-ended
	if signal != syscall.SIGKILL {
		checkCode(ts, err, code)
	}
	s.finished, s.mark = s.accepted(args[2], 0), len(s.Requests())
}

func (s *server) accepted(key string, from int) map[int]int {
	parts := map[int]int{}
	for i, r := range s.Requests() {
		if i >= from && r.Op == emulator.OpUploadPart && r.Key == key && r.Status == 200 {
			parts[r.PartNumber]++
		}
	}
	return parts
}

// notagain KEY: no part that was finished before the last interrupt was sent after it, and some part was.
func scriptNotAgain(ts *testscript.TestScript, _ bool, args []string) {
	s := serverOf(ts)
	sent := s.accepted(args[0], s.mark)
	if len(sent) == 0 || len(s.finished) == 0 {
		ts.Fatalf("%d parts before and %d after: nothing is proved", len(s.finished), len(sent))
	}
	for n := range sent {
		if s.finished[n] > 0 {
			ts.Fatalf("part %d was finished and sent again", n)
		}
	}
}

// sent KEY N: so many parts of the key were accepted since the last interrupt.
func scriptSent(ts *testscript.TestScript, _ bool, args []string) {
	s := serverOf(ts)
	if got := fmt.Sprint(len(s.accepted(args[0], s.mark))); got != args[1] {
		ts.Fatalf("%s parts were sent, want %s", got, args[1])
	}
}

// uploads N: the server has so many unfinished uploads.
func scriptUploads(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(serverOf(ts).UploadCount("bucket")); got != args[0] {
		ts.Fatalf("%s unfinished uploads, want %s", got, args[0])
	}
}

// seed KEY AGE IDLE PARTS SIZE [MISSING]: an unfinished upload of zeros.
func scriptSeed(ts *testscript.TestScript, _ bool, args []string) {
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		ts.Check(err)
		return n
	}
	age, err := time.ParseDuration(args[1])
	ts.Check(err)
	idle, err := time.ParseDuration(args[2])
	ts.Check(err)
	u := demoUpload{key: args[0], age: age, idle: idle, parts: number(args[3]), partSize: int64(number(args[4]))}
	for _, n := range args[5:] {
		u.missing = append(u.missing, number(n))
	}
	seed := u.at(time.Now())
	seed.Bucket = "bucket"
	id, err := serverOf(ts).SeedUpload(seed)
	ts.Check(err)
	ts.Setenv("UPLOAD", id)
}

// seedfile KEY FILE PARTSIZE [MISSING]: an unfinished upload of a file, begun two days ago.
func scriptSeedFile(ts *testscript.TestScript, _ bool, args []string) {
	content := []byte(ts.ReadFile(args[1]))
	size, err := strconv.Atoi(args[2])
	ts.Check(err)
	at := time.Now().Add(-48 * time.Hour)
	seed := emulator.Seed{Bucket: "bucket", Key: args[0], Initiated: at}
	for n := 1; (n-1)*size < len(content); n++ {
		if !strings.Contains(" "+strings.Join(args[3:], " ")+" ", fmt.Sprintf(" %d ", n)) {
			seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Modified: at, Body: bytes.NewReader(content[(n-1)*size : min(n*size, len(content))])})
		}
	}
	id, err := serverOf(ts).SeedUpload(seed)
	ts.Check(err)
	ts.Setenv("UPLOAD", id)
}

// hostile: uploads whose keys hold what could drive a terminal.
func scriptHostile(ts *testscript.TestScript, _ bool, _ []string) {
	for _, key := range []string{"a\x1b]52;c;ZXZpbA==\x07.txt", "b\x1b[2J.txt", "c\u202etxt.exe", "d\u009b31m", "e\r\nf", "g\tq", "h\u200b", "i\U000e0041"} {
		_, err := serverOf(ts).SeedUpload(emulator.Seed{Bucket: "bucket", Key: "evil/" + key})
		ts.Check(err)
	}
}

// nocontrols: the last command wrote nothing that a terminal acts on.
func scriptNoControls(ts *testscript.TestScript, _ bool, _ []string) {
	for _, stream := range []string{"stdout", "stderr"} {
		text := ts.ReadFile(stream)
		if !utf8.ValidString(text) {
			ts.Fatalf("%s is not valid UTF-8", stream)
		}
		for _, r := range text {
			if r != '\n' && (r < 0x20 || invisible(r)) {
				ts.Fatalf("%s holds %U", stream, r)
			}
		}
	}
}

// fault SCRIPT: the requests from here on fail by the script of JSON lines; an empty one ends that.
func scriptFault(ts *testscript.TestScript, _ bool, args []string) {
	faults, err := emulator.ParseScript(strings.NewReader(strings.Join(args, "\n")))
	ts.Check(err)
	serverOf(ts).SetFaults(1, faults...)
}

// same KEY FILE: the object holds the bytes of the file.
func scriptSame(ts *testscript.TestScript, _ bool, args []string) {
	object, _, err := serverOf(ts).OpenObject("bucket", args[0])
	ts.Check(err)
	defer object.Close()
	stored, err := io.ReadAll(object)
	ts.Check(err)
	if sha256.Sum256(stored) != sha256.Sum256([]byte(ts.ReadFile(args[1]))) {
		ts.Fatalf("the object %s differs from %s", args[0], args[1])
	}
}

// object [!] KEY [NAME=VALUE]: the object exists, with this metadata or property.
func scriptObject(ts *testscript.TestScript, neg bool, args []string) {
	object, info, err := serverOf(ts).OpenObject("bucket", args[0])
	if neg {
		if err == nil {
			ts.Fatalf("the object %s exists", args[0])
		}
		return
	}
	ts.Check(err)
	_ = object.Close()
	for _, want := range args[1:] {
		name, value, _ := strings.Cut(want, "=")
		got := map[string]string{"type": info.Type, "content-type": info.ContentType, "class": info.StorageClass, "acl": info.ACL}[name]
		if meta, ok := strings.CutPrefix(name, "meta."); ok {
			got = info.Metadata[meta]
		}
		if got != value {
			ts.Fatalf("%s of %s is %q, want %q", name, args[0], got, value)
		}
	}
}

// noise FILE SIZE: a file of bytes that no compression or repetition makes alike.
func scriptNoise(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	w := &demoWorld{files: ts.MkAbs(".")}
	_, err = w.file(args[0], size)
	ts.Check(err)
}

func scriptFIFO(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o600))
}

// lines N: the last command wrote so many lines to standard output.
func scriptLines(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(strings.Count(ts.ReadFile("stdout"), "\n")); got != args[0] {
		ts.Fatalf("%s lines, want %s:\n%s", got, args[0], ts.ReadFile("stdout"))
	}
}

// setid NAME: the first word that looks like an upload id in the last output becomes a variable.
func scriptSetID(ts *testscript.TestScript, _ bool, args []string) {
	for _, word := range strings.FieldsFunc(ts.ReadFile("stdout"), func(r rune) bool { return strings.ContainsRune(" \t\n\"", r) }) {
		if len(word) == 32 && strings.Trim(word, "0123456789ABCDEF") == "" {
			ts.Setenv(args[0], word)
			return
		}
	}
	ts.Fatalf("no upload id in the output")
}

// nocanary: nothing under the home folder and nothing the last command wrote holds the secret.
func scriptNoCanary(ts *testscript.TestScript, _ bool, _ []string) {
	for _, stream := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(stream), canary) {
			ts.Fatalf("%s holds the secret", stream)
		}
	}
	ts.Check(filepath.WalkDir(ts.Getenv("HOME"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(canary)) {
			return fmt.Errorf("%s holds the secret", path)
		}
		info, _ := entry.Info()
		if info != nil && info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		return err
	}))
}
