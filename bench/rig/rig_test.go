package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"partway/ossapi/emulator"
)

// TestMain lets the test binary play the server and a contender, as every benchmark program does.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == roleWord {
		Main(map[string]Role{"put": putFive}, nil)
		return
	}
	os.Exit(m.Run())
}

// putFive is a contender that puts an object of five bytes to the URL it is given.
func putFive(ctx context.Context, args []byte) error {
	var url string
	if err := json.Unmarshal(args, &url); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader("three"))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

func newTestRig(t *testing.T) *Rig {
	t.Helper()
	return &Rig{self: os.Args[0], Data: t.TempDir(), work: t.TempDir()}
}

func resultOf(walls ...time.Duration) Result {
	r := Result{Name: "x"}
	for i, w := range walls {
		r.Samples = append(r.Samples, Sample{Usage: Usage{Wall: w, CPU: 2 * w, RSS: int64(i+1) << 20}, Received: int64(w)})
	}
	return r
}

func TestMedians(t *testing.T) {
	r := resultOf(5, 1, 9, 3, 7)
	if r.Wall() != 5 || r.CPU() != 10 || r.Received() != 5 {
		t.Errorf("medians %v %v %v, want 5 10 5", r.Wall(), r.CPU(), r.Received())
	}
	if least, most := r.WallRange(); least != 1 || most != 9 {
		t.Errorf("range %v-%v, want 1-9", least, most)
	}
	if r.RSS() != 5<<20 {
		t.Errorf("RSS %d, want the largest", r.RSS())
	}
	if even := resultOf(4, 2); even.Wall() != 2 {
		t.Errorf("of an even number %v, want the lower", even.Wall())
	}
	if one := resultOf(4); one.Wall() != 4 {
		t.Errorf("of one %v", one.Wall())
	}
	if r.Samples[0].Usage.Wall != 5 {
		t.Error("the samples were reordered")
	}
}

func TestGoals(t *testing.T) {
	for _, test := range []struct {
		goal Goal
		met  bool
	}{
		{Goal{Value: 1.7, Limit: 1.7}, true},
		{Goal{Value: 1.71, Limit: 1.7}, false},
		{Goal{Value: 0.9, Limit: 0.9, Least: true}, true},
		{Goal{Value: 0.89, Limit: 0.9, Least: true}, false},
	} {
		if test.goal.Met() != test.met {
			t.Errorf("%+v met: %v", test.goal, !test.met)
		}
	}
	var out bytes.Buffer
	if err := GoalTable(&out, []Goal{{Text: "fast", Value: 3, Limit: 2, Unit: "s"}}); err != nil {
		t.Fatal(err)
	}
	if want := "| goal | measured |  |\n| --- | --- | --- |\n| fast | 3 s | **not met** |\n\n"; out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestResultRow(t *testing.T) {
	put, other := resultOf(time.Second), resultOf(4*time.Second, 2*time.Second, 3*time.Second)
	row := strings.Join(ResultRow(other, put), "|")
	if row != "x|3 (2-4)|6|3|0.33" {
		t.Errorf("row %q", row)
	}
	if len(ResultRow(other, put)) != len(ResultHead()) {
		t.Error("a row has not as many cells as the head")
	}
}

func TestWriteFile(t *testing.T) {
	r := newTestRig(t)
	const size = 2*256<<10 + 17
	path, err := r.WriteFile("folder/file", size)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || len(data) != size {
		t.Fatalf("%d bytes, %v; want %d", len(data), err, size)
	}
	if bytes.Equal(data[:256<<10], data[256<<10:2*256<<10]) {
		t.Error("two blocks are equal")
	}
	if _, err := r.WriteFile("folder/file", 1); err == nil {
		t.Error("a file was overwritten")
	}
}

func TestRoomyDirNeedsRoom(t *testing.T) {
	if dir := roomyDir(1 << 60); dir != os.TempDir() {
		t.Errorf("an exbibyte goes to %s", dir)
	}
}

func TestRunTellsWhyItFailed(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	if _, err := Run(exec.Command(sh, "-c", "echo the reason >&2; exit 3")); err == nil || !strings.Contains(err.Error(), "the reason") {
		t.Errorf("error %v", err)
	}
	usage, err := Run(exec.Command(sh, "-c", "exit 0"))
	if err != nil || usage.Wall <= 0 || runtime.GOOS == "linux" && usage.RSS < 1<<18 {
		t.Errorf("usage %+v, %v", usage, err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	kept := &tail{most: 4}
	for _, s := range []string{"ab", "cdef", "g"} {
		if n, err := kept.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatalf("write %q: %d, %v", s, n, err)
		}
	}
	if kept.String() != "defg" {
		t.Errorf("kept %q", kept.String())
	}
}

// TestServer goes once through what the rig asks of its server, in a process of its own.
func TestServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := newTestRig(t)
	server, err := r.Serve(ctx, ServerOptions{Sink: true, Seed: &Listing{Uploads: 3, Parts: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if server.UploadID == "" {
		t.Error("the seeded upload has no id")
	}
	if err := server.SetFaults(ctx, `{"effect":"nonsense"}`); err == nil {
		t.Error("a script of nonsense was accepted")
	}
	put := Contender{Name: "put", Bytes: 5, Command: func(ctx context.Context, _ int) (*exec.Cmd, error) {
		return r.Self(ctx, "put", server.Endpoint+"/"+Bucket+"/key")
	}}
	results, err := Race(ctx, server, 2, []Contender{put})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || len(results[0].Samples) != 2 || results[0].Received() != 5 {
		t.Errorf("results %+v", results)
	}
	requests, err := server.Requests(ctx)
	if err != nil || len(requests) != 1 || requests[0].Op != emulator.OpPutObject {
		t.Errorf("requests %+v, %v", requests, err)
	}
	tooLittle := put
	tooLittle.Bytes = 6
	if _, err := Race(ctx, server, 1, []Contender{tooLittle}); err == nil {
		t.Error("a run that sent too little passed")
	}
	refused := put
	refused.Faults = `{"op":"PutObject","times":-1,"effect":"Answer","status":503}`
	if _, err := Race(ctx, server, 1, []Contender{refused}); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a refused run gives %v", err)
	}
	if err := server.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
