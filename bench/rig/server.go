package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"partway/ossapi/emulator"
)

// Server is a running server process.
type Server struct {
	Endpoint string // URL for clients
	UploadID string // of ListingKey, if there is a Listing
	control  string
	cmd      *exec.Cmd
	stdin    io.Closer
}

// Serve starts a server and returns once it listens. The caller closes it.
func (r *Rig) Serve(ctx context.Context, o ServerOptions) (*Server, error) {
	dir, err := r.Fresh("server")
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	cmd, err := r.Self(ctx, serverRole, o)
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s := &Server{cmd: cmd, stdin: stdin}
	var said addresses
	if err := json.NewDecoder(stdout).Decode(&said); err != nil {
		return nil, errors.Join(fmt.Errorf("the server does not listen: %w", err), s.Close())
	}
	s.Endpoint, s.control, s.UploadID = said.OSS, said.Control, said.UploadID
	return s, nil
}

// Close ends the server and waits for it.
func (s *Server) Close() error {
	_ = s.stdin.Close() // which it takes as the end; should it fail, the context still ends the server
	return s.cmd.Wait()
}

// Requests are the requests since the last Reset, oldest first.
func (s *Server) Requests(ctx context.Context) ([]emulator.Request, error) {
	var requests []emulator.Request
	body, err := s.ask(ctx, http.MethodGet, "/requests", "")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &requests); err != nil {
		return nil, fmt.Errorf("the server's requests: %w", err)
	}
	return requests, nil
}

// Reset forgets the requests so far.
func (s *Server) Reset(ctx context.Context) error {
	_, err := s.ask(ctx, http.MethodPost, "/reset", "")
	return err
}

// SetFaults replaces all faults by a script in the form of emulator.ParseScript; an empty one ends them.
func (s *Server) SetFaults(ctx context.Context, script string) error {
	_, err := s.ask(ctx, http.MethodPost, "/faults", script)
	return err
}

func (s *Server) ask(ctx context.Context, method, path, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.control+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("control of the server: %s: %s", resp.Status, answer)
	}
	return answer, err
}

// Sent sums up what bodies of parts and objects brought, also of requests that failed.
func Sent(requests []emulator.Request) (count int, bytes int64) {
	for _, r := range requests {
		if r.Op == emulator.OpUploadPart || r.Op == emulator.OpPutObject {
			count++
			bytes += r.BodyBytes
		}
	}
	return count, bytes
}
