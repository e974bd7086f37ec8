package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// Role is something the program does when it is started again by itself as a child: a contender or the server. args is the JSON
// document that Rig.Self was given.
type Role func(ctx context.Context, args []byte) error

// roleWord as the first argument of the program makes it play a role instead of measuring.
const roleWord = "role"

// Main is the whole of a benchmark's main: it plays the role that the command line names, or else runs the benchmark itself. It
// ends the process with status 1 when that fails. Ctrl-C ends the context, so that children are killed and files removed.
func Main(roles map[string]Role, bench func(context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, roles, bench)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, roles map[string]Role, bench func(context.Context) error) error {
	if len(os.Args) != 4 || os.Args[1] != roleWord {
		return bench(ctx)
	}
	name := os.Args[2]
	if name == serverRole {
		return serve(ctx, []byte(os.Args[3]))
	}
	role, known := roles[name]
	if !known {
		return fmt.Errorf("there is no role %q", name)
	}
	return role(ctx, []byte(os.Args[3]))
}

// Rig is a place to measure in: a built partway and two folders. Close removes them.
type Rig struct {
	Partway string // path of the built program
	Data    string // folder for the files to be sent, in memory where there is some
	work    string // folder for everything else: the build, journals, the server's store
	self    string
	serial  int
}

// New builds partway and makes the folders. dataDir is where the files to be sent are to lie; empty stands for memory-backed storage
// with room for need bytes where the system has it, else the system's temporary folder.
func New(ctx context.Context, dataDir string, need int64) (*Rig, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the own program: %w", err)
	}
	if dataDir == "" {
		dataDir = roomyDir(need)
	}
	r := &Rig{self: self}
	if r.Data, err = os.MkdirTemp(dataDir, "partway-bench-"); err != nil {
		return nil, fmt.Errorf("make a folder for the files to be sent: %w", err)
	}
	if r.work, err = os.MkdirTemp("", "partway-bench-"); err != nil {
		return nil, errors.Join(fmt.Errorf("make a folder to work in: %w", err), r.Close())
	}
	if err := r.build(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close removes everything the rig made.
func (r *Rig) Close() error {
	var failed error
	for _, dir := range []string{r.Data, r.work} {
		if dir != "" {
			failed = errors.Join(failed, os.RemoveAll(dir))
		}
	}
	return failed
}

func (r *Rig) build(ctx context.Context) error {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}")
	list.Stderr = os.Stderr
	root, err := list.Output()
	if err != nil {
		return fmt.Errorf("find the module (run this inside it): %w", err)
	}
	r.Partway = filepath.Join(r.work, "partway")
	build := exec.CommandContext(ctx, "go", "build", "-o", r.Partway, ".")
	build.Dir = strings.TrimSpace(string(root))
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build partway: %w", err)
	}
	return nil
}

// Fresh is a new empty folder that lives as long as the rig.
func (r *Rig) Fresh(name string) (string, error) {
	r.serial++
	dir := filepath.Join(r.work, fmt.Sprintf("%s-%d", name, r.serial))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return dir, nil
}

// Self is the command that plays a role of this program, with a value as its JSON argument.
func (r *Rig) Self(ctx context.Context, role string, args any) (*exec.Cmd, error) {
	document, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", role, err)
	}
	return exec.CommandContext(ctx, r.self, roleWord, role, string(document)), nil
}

// PartwayAt is the command that runs partway against a server, with journals in the folder state. Nothing of the caller's own
// configuration reaches it.
func (r *Rig) PartwayAt(ctx context.Context, endpoint, state string, args ...string) *exec.Cmd {
	args = append(args, "--endpoint", endpoint, "--region", Region, "--style", "path", "--allow-http", "--state", state)
	cmd := exec.CommandContext(ctx, r.Partway, args...)
	cmd.Env = []string{"HOME=" + r.work, "PATH=" + os.Getenv("PATH"), "OSS_ACCESS_KEY_ID=" + AccessKeyID, "OSS_ACCESS_KEY_SECRET=" + AccessKeySecret}
	return cmd
}

// What clients call the server's only bucket and themselves.
const (
	Bucket          = "bench"
	Region          = "cn-hangzhou"
	AccessKeyID     = "bench"
	AccessKeySecret = "bench-secret"
)
