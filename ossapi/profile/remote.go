package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"partway/ossapi"
)

const (
	maxAnswer      = 64 << 10         // bytes of an answer that holds credentials; real ones are below 4 KiB
	processTimeout = 15 * time.Second // the default of ossutil 2
	maxProcessTime = 10 * time.Minute // its upper limit
	answerTimeout  = 10 * time.Second // of a credentials URI and of the metadata service once it is known to be there
)

// answer is credentials as a process, a URI or the metadata service gives them. The second spellings are those of a
// profile of the aliyun command line, which its external processes print. Field names match in any case.
type answer struct {
	Code             string
	AccessKeyID      string `json:"AccessKeyId"`
	AccessKeySecret  ossapi.Secret
	SecurityToken    ossapi.Secret
	Expiration       string
	CLIKeyID         string        `json:"access_key_id"`
	CLIKeySecret     ossapi.Secret `json:"access_key_secret"`
	CLISecurityToken ossapi.Secret `json:"sts_token"`
}

// parseAnswer never quotes its input in an error: it holds secrets.
func parseAnswer(data []byte) (ossapi.Credentials, error) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return ossapi.Credentials{}, errors.New("the answer is not the JSON object with AccessKeyId and AccessKeySecret that was expected")
	}
	if a.Code != "" && !strings.EqualFold(a.Code, "Success") {
		return ossapi.Credentials{}, fmt.Errorf("the answer says %s", quote(a.Code))
	}
	c := ossapi.Credentials{
		AccessKeyID:     first(a.AccessKeyID, a.CLIKeyID),
		AccessKeySecret: first(a.AccessKeySecret, a.CLIKeySecret),
		SecurityToken:   first(a.SecurityToken, a.CLISecurityToken),
	}
	if c.AccessKeyID == "" || c.AccessKeySecret == "" {
		return ossapi.Credentials{}, errors.New("the answer lacks AccessKeyId or AccessKeySecret")
	}
	if err := checkKey(c.AccessKeyID, c.AccessKeySecret, c.SecurityToken); err != nil {
		return ossapi.Credentials{}, err
	}
	if a.Expiration != "" {
		t, err := time.Parse(time.RFC3339, a.Expiration)
		if err != nil {
			return ossapi.Credentials{}, errors.New("the Expiration of the answer is not a time like 2026-12-29T07:45:02Z")
		}
		c.Expires = t
	}
	return c, nil
}

// checkKey refuses what would break the headers of a request, without showing it.
func checkKey(id string, secrets ...ossapi.Secret) error {
	bad := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	}
	if bad(id) {
		return errors.New("the access key id has a character that no key has")
	}
	for _, s := range secrets {
		if bad(s.Reveal()) {
			return errors.New("the secret or token has a character that no key has; is it quoted or cut in two?")
		}
	}
	return nil
}

// first returns the first value that is not the zero value.
func first[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

// quote makes foreign text harmless and short for an error.
func quote(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.QuoteToASCII(s)
}

// RunShell runs a credential_process with the shell, without input, and returns what it prints. Its error tells the
// first line of the standard error. The command and its children are killed when ctx ends.
func RunShell(ctx context.Context, command string) ([]byte, error) {
	argv := shell(command)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	ownGroup(cmd)
	cmd.WaitDelay = time.Second // a grandchild that left the group may hold the pipe
	var stdout, stderr capped
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.buf.String()), "\n")
		if line == "" {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %s", err, quote(line))
	case stdout.over:
		return nil, fmt.Errorf("it printed more than %d KiB", maxAnswer>>10)
	}
	return stdout.buf.Bytes(), nil
}

// capped keeps the first maxAnswer bytes written to it and lets the writer go on.
type capped struct {
	buf  bytes.Buffer
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	n := min(len(p), maxAnswer-c.buf.Len())
	c.buf.Write(p[:n])
	c.over = c.over || n < len(p)
	return len(p), nil
}

func (s Sources) fromProcess(ctx context.Context, command string, timeout time.Duration) (ossapi.Credentials, error) {
	timeout = first(timeout, processTimeout)
	run, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := s.RunCommand(run, command)
	if err != nil {
		if ctx.Err() == nil && errors.Is(run.Err(), context.DeadlineExceeded) {
			return ossapi.Credentials{}, fmt.Errorf("credential_process gave no answer in %s", timeout)
		}
		return ossapi.Credentials{}, fmt.Errorf("credential_process: %w", err)
	}
	c, err := parseAnswer(out)
	if err != nil {
		return ossapi.Credentials{}, fmt.Errorf("credential_process: %w", err)
	}
	return c, nil
}

func (s Sources) fromURI(ctx context.Context, uri string) (ossapi.Credentials, error) {
	if err := checkURI(uri); err != nil {
		return ossapi.Credentials{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	body, err := s.get(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return ossapi.Credentials{}, fmt.Errorf("credentials URI: %w", err)
	}
	c, err := parseAnswer(body)
	if err != nil {
		return ossapi.Credentials{}, fmt.Errorf("credentials URI: %w", err)
	}
	return c, nil
}

func checkURI(uri string) error {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("the credentials URI is not an http:// or https:// address without a password in it")
	}
	return nil
}

// statusError is an HTTP answer other than 200.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("answered %d %s", int(e), http.StatusText(int(e)))
}

// silentError is a request that got no answer at all.
type silentError struct{ err error }

func (e *silentError) Error() string { return e.err.Error() }
func (e *silentError) Unwrap() error { return e.err }

// get makes one request and returns the body of a 200. Errors leave the URL's query out, which may hold a secret.
func (s Sources) get(ctx context.Context, method, address string, header http.Header) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return nil, errors.New("not an address")
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, &silentError{err}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, statusError(resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("answered more than %d KiB", maxAnswer>>10)
	}
	return body, nil
}
