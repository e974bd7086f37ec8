package state

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
)

const writers = 8

// child is another process. Its exit code is 0 if all went well.
func child(mode string, args []string) int {
	s, err := Open(Options{Dir: args[0], Sync: 5 * time.Millisecond})
	if err == nil {
		switch mode {
		case "write":
			err = writeForEver(s, args[1])
		case "hold":
			err = hold(s, model.JobID(args[1]))
		case "work":
			err = work(s, model.JobID(args[1]))
		}
	}
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// writeForEver appends to eight journals at once and says on stdout which durable records were acknowledged, until it is killed.
func writeForEver(s *Store, round string) error {
	failed := make(chan error)
	for w := range writers {
		go func() {
			id := model.JobID(fmt.Sprintf("job%d", w))
			_, err := s.Claim(id)
			if errors.Is(err, os.ErrNotExist) {
				err = s.Append(id, intent("key"))
			}
			for n := 0; err == nil; n++ {
				for p := range n % 7 {
					err = errors.Join(err, s.Append(id, part(p+1)))
				}
				mark := fmt.Sprintf("%s-%s-%d", id, round, n)
				if err = errors.Join(err, s.Append(id, initiated(mark))); err == nil {
					_, err = os.Stdout.WriteString(mark + "\n")
				}
			}
			failed <- err
		}()
	}
	return <-failed
}

// hold claims a job, making it if need be, says so, and keeps it until stdin ends.
func hold(s *Store, id model.JobID) error {
	_, err := s.Claim(id)
	if errors.Is(err, os.ErrNotExist) {
		err = s.Append(id, intent("key"))
	}
	if err != nil {
		return err
	}
	fmt.Println("held")
	_, _ = io.ReadAll(os.Stdin)
	return s.Close()
}

// work does a whole upload's worth of records.
func work(s *Store, id model.JobID) error {
	for _, r := range story(100) {
		if err := s.Append(id, r); err != nil {
			return err
		}
		if r.Durable() { // in the way of the others
			if _, _, err := s.Load(); err != nil {
				return err
			}
		}
	}
	return s.Close()
}

// process is a running child.
type process struct {
	*exec.Cmd
	out   *bufio.Scanner
	stdin io.Closer
}

func start(t testing.TB, mode string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childMode+"="+mode)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	p := &process{Cmd: cmd, out: bufio.NewScanner(out), stdin: stdin}
	t.Cleanup(func() { p.kill() })
	return p
}

// kill is kill -9; it returns what the child had still said.
func (p *process) kill() (rest []string) {
	_ = p.Process.Kill()
	for p.out.Scan() {
		rest = append(rest, p.out.Text())
	}
	_ = p.Wait()
	return rest
}

func (p *process) expect(t testing.TB, want string) {
	t.Helper()
	if !p.out.Scan() || p.out.Text() != want {
		t.Fatalf("the child says %q, not %q", p.out.Text(), want)
	}
}

func TestKilledWhileWriting(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 10
	}
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range kills {
		p := start(t, "write", dir, fmt.Sprint(round))
		for range 1 + random.IntN(60) {
			if !p.out.Scan() {
				t.Fatal("the child ended by itself")
			}
			acknowledged[p.out.Text()] = true
		}
		for _, mark := range p.kill() {
			if strings.HasPrefix(mark, "error") {
				t.Fatal(mark)
			}
			acknowledged[mark] = true
		}
		s := open(t, dir)
		jobs, _ := load(t, s)
		for id, job := range jobs {
			if job.Owner != nil {
				t.Fatalf("round %d: %s is owned by the dead: %+v", round, id, job.Owner)
			}
		}
		for id := range jobs {
			if strings.Contains(files(t, s), string(id)+ownerSuffix) {
				t.Fatalf("the dead still have their names here: %s", files(t, s))
			}
		}
		must(t, s.Close())
	}
	s := open(t, dir)
	for w := range writers {
		data, err := os.ReadFile(s.path(model.JobID(fmt.Sprintf("job%d", w))))
		must(t, err)
		r := read("job", data)
		if r.headless() || r.damaged() {
			t.Errorf("journal %d is damaged: %s", w, r.text())
		}
		for _, record := range r.records {
			delete(acknowledged, record.UploadID)
		}
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged records are lost: %v", len(acknowledged), acknowledged)
	}
	if strings.Contains(files(t, s), ".bad-") {
		t.Error(files(t, s))
	}
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "hold", dir, "job")
	p.expect(t, "held")
	s := open(t, dir)
	begun := time.Now()
	_, err := s.Claim("job")
	t.Logf("refused after %v", time.Since(begun))
	var refused *model.OwnedError
	if !errors.As(err, &refused) || refused.Owner.PID != p.Process.Pid || refused.Owner.Host != s.self.Host {
		t.Fatal(err)
	}
	jobs, _ := load(t, s)
	if owner := jobs["job"].Owner; owner == nil || *owner != refused.Owner {
		t.Error(owner)
	}
	must(t, s.Append("other", intent("key"))) // another upload is free

	p.kill() // the lock is free at once
	_, err = s.Claim("job")
	must(t, err)
	must(t, s.Release("job"))

	next := start(t, "hold", dir, "job")
	next.expect(t, "held")
	if _, err := s.Claim("job"); !errors.As(err, &refused) || refused.Owner.PID != next.Process.Pid {
		t.Error(err)
	}
	must(t, next.stdin.Close())
	must(t, next.Wait())
	_, err = s.Claim("job")
	must(t, err)
}

// A lock beside the name of a dead process is not the dead one's: somebody only looks, and a claim waits for that.
func TestNameOfTheDead(t *testing.T) {
	dir := t.TempDir()
	dead := start(t, "hold", dir, "job")
	dead.expect(t, "held")
	dead.kill()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(Options{Dir: dir})
		must(t, err)
		defer s.Close()
		if !strings.Contains(files(t, s), ownerSuffix) {
			t.Fatal(files(t, s))
		}
		looker, err := os.Open(s.path("job"))
		must(t, err)
		_, err = flock(looker, false)
		must(t, err)
		go func() {
			time.Sleep(ownerWait / 2)
			looker.Close()
		}()
		_, err = s.Claim("job")
		must(t, err)
	})
}

func TestEightProcesses(t *testing.T) {
	dir := t.TempDir()
	var list []*process
	for n := range 8 {
		list = append(list, start(t, "work", dir, fmt.Sprintf("job%d", n)))
	}
	for _, p := range list {
		for p.out.Scan() {
			t.Error(p.out.Text())
		}
		must(t, p.Wait())
	}
	jobs, damages := load(t, open(t, dir))
	same(t, "damages", len(damages), 0)
	for n := range 8 {
		id := model.JobID(fmt.Sprintf("job%d", n))
		same(t, "job", jobs[id], replay(t, id, story(100)...))
	}
}

// While others look at the journals all the time, a claim is never refused on their account, and a new journal never taken for an
// empty one that a crash left.
func TestLoadDisturbsNobody(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	var lookers sync.WaitGroup
	for range 3 {
		looker := open(t, dir)
		lookers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if _, damages, err := looker.Load(); err != nil || len(damages) > 0 {
						t.Error(damages, err)
						return
					}
				}
			}
		})
	}
	s := open(t, dir)
	for n := range 60 {
		id := model.JobID(fmt.Sprintf("job%d", n%5))
		if n < 5 {
			must(t, s.Append(id, intent("key")))
		} else if _, err := s.Claim(id); err != nil {
			t.Error(err)
			break
		}
		must(t, s.Append(id, part(n+1)))
		must(t, s.Release(id))
	}
	close(stop)
	lookers.Wait()
}

// What a crash left of a journal that was being made is swept away, once it is certain that nobody is making it.
func TestHalfMadeJournalIsSwept(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	s, err := Open(Options{Dir: dir, Clock: func() time.Time { return now }})
	must(t, err)
	defer s.Close()
	must(t, os.WriteFile(s.path("half")+newSuffix, []byte("x"), 0o600))
	must(t, os.WriteFile(s.ownerPath("half"), []byte("x"), 0o600))
	_, _, err = s.Load()
	must(t, err)
	if !strings.Contains(files(t, s), "half") {
		t.Error("a journal that may be in the making was swept")
	}
	now = now.Add(2 * sweepAfter)
	_, _, err = s.Load()
	must(t, err)
	if strings.Contains(files(t, s), "half") {
		t.Errorf("left: %s", files(t, s))
	}
}
