package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"partway/model/safe"
	"partway/ossapi/emulator"
)

// emulatorFlags are the flags of emulator.
type emulatorFlags struct {
	listen, dir            string
	accessKeyID            string
	secret, secretEnv      string
	region, domain, faults string
	buckets                []string
	sink, allowRemote      bool
	seed                   int64
}

const emulatorLong = `Run an OSS server on this machine, for tests and for trying things out: the buckets, objects and multipart calls of the
service, with its limits, error codes and checksums, kept in a folder.

It prints the environment that lets partway, ossutil and the SDKs use it, and runs until it is interrupted. Without
--access-key-id every request is accepted, whatever it is signed with. With --faults requests fail by a script of JSON
lines, one fault each:

  {"op":"UploadPart","skip":3,"times":2,"effect":"Answer","status":503,"code":"ServiceUnavailable"}

It is not made to hold data that anybody would miss.`

const emulatorExample = `  partway emulator --dir /tmp/oss --bucket test
  partway emulator --listen 127.0.0.1:9010 --dir /tmp/oss --access-key-id id --access-key-secret-env SECRET`

func (a *app) emulatorCommand() *cobra.Command {
	f := &emulatorFlags{}
	cmd := &cobra.Command{
		Use:     "emulator --dir DIR",
		Short:   "Run an OSS server on this machine, for tests",
		Long:    emulatorLong,
		Example: emulatorExample,
		Args:    needArgs(0, 0, "no argument"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.emulator(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&f.dir, "dir", "", "`folder` that holds buckets and objects (needed)")
	flags.StringArrayVar(&f.buckets, "bucket", nil, "make a bucket of this `name`; may be repeated")
	flags.StringVar(&f.accessKeyID, "access-key-id", "", "the only access key `id` that is accepted")
	flags.StringVar(&f.secretEnv, "access-key-secret-env", "", "`name` of the environment variable that holds its secret")
	flags.StringVar(&f.secret, "access-key-secret", "", "its secret; only for secrets that are none, since others can read the command line")
	// The flag --region of every command is the region here as well.
	flags.StringVar(&f.domain, "domain", "", "`suffix` of virtual-host addresses, as in oss.local for bucket.oss.local")
	flags.BoolVar(&f.sink, "sink", false, "discard the bytes of parts, to measure a client")
	flags.StringVar(&f.faults, "faults", "", "`file` of faults, one JSON object a line")
	flags.Int64Var(&f.seed, "faults-seed", 1, "`number` that faults with a probability are drawn with")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "listen on an address that other machines reach")
	return cmd
}

func (a *app) emulator(ctx context.Context, f *emulatorFlags) error {
	options, err := a.emulatorOptions(f)
	if err != nil {
		return err
	}
	faults, err := a.readFaults(f.faults)
	if err != nil {
		return err
	}
	server, err := emulator.New(options)
	if err != nil {
		return fmt.Errorf("start the emulator in %s: %w", f.dir, err)
	}
	defer server.Close()
	server.SetFaults(f.seed, faults...)
	for _, bucket := range f.buckets {
		if err := ensureBucket(server, bucket); err != nil {
			return &failure{code: ExitUsage, err: err}
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", f.listen, err)
	}
	if err := a.printEmulatorEnvironment(listener.Addr().String(), f, options); err != nil {
		_ = listener.Close() // nobody knows of it yet
		return err
	}
	return a.serve(ctx, server, listener)
}

// emulatorOptions checks the flags.
func (a *app) emulatorOptions(f *emulatorFlags) (emulator.Options, error) {
	options := emulator.Options{Region: a.global.profile.Region, Sink: f.sink, Domain: f.domain, Clock: a.env.Now}
	if f.dir == "" {
		return options, failf(ExitUsage, "the emulator needs a folder to keep its buckets in").withNext("--dir /tmp/oss")
	}
	options.Dir = a.absolute(f.dir)
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return options, usagef("--listen %q is not an address: write host:port, as in 127.0.0.1:9000", f.listen)
	}
	if !f.allowRemote && !isLoopback(host) {
		return options, failf(ExitUsage, "--listen %s would let other machines in, and the emulator is made for this one", f.listen).
			withNext("--listen 127.0.0.1:9000", "--allow-remote, if that is meant")
	}
	secret := f.secret
	if f.secretEnv != "" {
		if secret = a.env.Getenv(f.secretEnv); secret == "" {
			return options, usagef("the environment variable %s, which --access-key-secret-env names, is not set", f.secretEnv)
		}
	}
	switch {
	case f.accessKeyID != "" && secret == "":
		return options, failf(ExitUsage, "--access-key-id needs its secret").withNext("--access-key-secret-env NAME")
	case f.accessKeyID == "" && secret != "":
		return options, usagef("a secret is given without --access-key-id")
	case f.accessKeyID != "":
		options.Credentials = map[string]string{f.accessKeyID: secret}
	}
	return options, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (a *app) readFaults(path string) ([]emulator.Fault, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(a.absolute(path))
	if err != nil {
		return nil, &failure{code: ExitUsage, err: err}
	}
	defer file.Close()
	faults, err := emulator.ParseScript(file)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return faults, nil
}

// ensureBucket makes a bucket, unless an earlier run made it. That it is there is told by the service's own code.
func ensureBucket(server *emulator.Server, bucket string) error {
	err := server.CreateBucket(bucket)
	if err != nil && strings.Contains(err.Error(), "BucketAlreadyExists") {
		return nil
	}
	return err
}

// printEmulatorEnvironment writes lines that a shell can evaluate.
func (a *app) printEmulatorEnvironment(address string, f *emulatorFlags, options emulator.Options) error {
	region := options.Region
	if region == "" {
		region = "cn-hangzhou"
	}
	id := f.accessKeyID
	if id == "" {
		id = "any"
	}
	lines := fmt.Sprintf("export OSS_ENDPOINT=http://%s\nexport OSS_REGION=%s\nexport OSS_ACCESS_KEY_ID=%s\n", address, safe.Quote(region), safe.Quote(id))
	switch {
	case f.secretEnv != "":
		lines += fmt.Sprintf("export OSS_ACCESS_KEY_SECRET=\"$%s\"\n", f.secretEnv)
	case f.accessKeyID == "":
		lines += "export OSS_ACCESS_KEY_SECRET=any\n"
	default:
		lines += "# OSS_ACCESS_KEY_SECRET is the one given with --access-key-secret\n"
	}
	if _, err := fmt.Fprint(a.out, lines); err != nil {
		return err
	}
	a.say("partway: the emulator listens on %s and keeps its buckets in %s; Ctrl-C ends it", address, clean(options.Dir))
	return nil
}

// serve runs the server until a signal comes.
func (a *app) serve(ctx context.Context, handler *emulator.Server, listener net.Listener) error {
	a.stop.drains.Store(true)
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("the emulator stopped: %w", err)
	case <-a.stop.asked:
	case <-ctx.Done():
	}
	_ = handler.Close() // ends the waits of faults, so that the server can end
	err := web.Close()
	<-ended
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
