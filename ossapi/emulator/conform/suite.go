package conform

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"golang.org/x/sync/errgroup"
)

// cleanupLimit bounds the removal of what one case made, so that a server that
// hangs can not hang the run.
const cleanupLimit = 2 * time.Minute

// parallelCalls is how many calls a case that needs many has under way at once.
const parallelCalls = 8

// suite is one run against one target.
type suite struct {
	target Target
	http   *http.Client
	client *oss.Client
	run    string // random, part of every key of this run
}

func newSuite(target Target) (*suite, error) {
	if err := target.check(); err != nil {
		return nil, err
	}
	var nonce [6]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, fmt.Errorf("random key prefix: %w", err)
	}
	s := &suite{target: target, run: "conform-" + hex.EncodeToString(nonce[:])}
	if target.NewHTTPClient != nil {
		s.http = target.NewHTTPClient()
	} else {
		// No proxy: a proxy between the suite and the server would be tested too.
		s.http = &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: parallelCalls},
			Timeout:   time.Minute,
		}
	}
	s.client = s.newClient(nil)
	return s, nil
}

func (s *suite) close() { s.http.CloseIdleConnections() }

// newClient returns an SDK client for the target with the changes of adjust,
// which may be nil. It sends every request once: a retry would hide a wrong answer.
func (s *suite) newClient(adjust func(*oss.Config), options ...func(*oss.Options)) *oss.Client {
	t := s.target
	cfg := oss.NewConfig().
		WithEndpoint(t.Endpoint).
		WithRegion(t.Region).
		WithUsePathStyle(t.PathStyle).
		WithHttpClient(s.http).
		WithRetryMaxAttempts(1).
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(t.AccessKeyID, t.AccessKeySecret))
	if t.SignatureV1 {
		cfg.WithSignatureVersion(oss.SignatureVersionV1)
	}
	if adjust != nil {
		adjust(cfg)
	}
	return oss.NewClient(cfg, options...)
}

// trial is one case at work: the test it reports to, its client, its keys,
// and what it has to remove at the end.
type trial struct {
	tb
	*suite
	ctx    context.Context
	prefix string // every key of the case begins with it; ends with "/"

	mu      sync.Mutex
	uploads []upload        // to abort
	keys    map[string]bool // to delete
}

// upload identifies a multipart upload.
type upload struct{ key, id string }

func (s *suite) trial(t tb, name string) *trial {
	c := &trial{
		tb:     t,
		suite:  s,
		ctx:    t.Context(),
		prefix: s.run + "/" + name + "/",
		keys:   make(map[string]bool),
	}
	t.Cleanup(c.remove)
	return c
}

// bucket returns the bucket in the form SDK requests want it.
func (s *trial) bucket() *string { return oss.Ptr(s.target.Bucket) }

// owes notes that the case may have made an object of this key.
func (s *trial) owes(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[key] = true
}

// owesAbort notes that the case began this upload.
func (s *trial) owesAbort(u upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads = append(s.uploads, u)
}

// remove aborts and deletes what the case made. Uploads that are gone are no
// failure: most cases complete or abort theirs.
func (s *trial) remove() {
	// The context of a test is done by the time its cleanups run.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), cleanupLimit)
	defer cancel()
	var calls errgroup.Group
	calls.SetLimit(parallelCalls)
	for _, u := range s.uploads {
		calls.Go(func() error {
			_, err := s.client.AbortMultipartUpload(ctx, &oss.AbortMultipartUploadRequest{
				Bucket: s.bucket(), Key: oss.Ptr(u.key), UploadId: oss.Ptr(u.id),
			})
			if err != nil && serviceError(err).Code != "NoSuchUpload" {
				return fmt.Errorf("upload %s of %q is left behind: %w", u.id, u.key, err)
			}
			return nil
		})
	}
	for key := range s.keys {
		calls.Go(func() error {
			_, err := s.client.DeleteObject(ctx, &oss.DeleteObjectRequest{Bucket: s.bucket(), Key: oss.Ptr(key)})
			if err != nil {
				return fmt.Errorf("object %q is left behind: %w", key, err)
			}
			return nil
		})
	}
	if err := calls.Wait(); err != nil {
		s.Errorf("clean up: %v", brief(err))
	}
}

// brief puts the SDK's error text of eight lines on one.
func brief(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// inParallel calls do for 0 to count-1, several at once, and fails on an error.
func (s *trial) inParallel(count int, do func(i int) error) {
	s.Helper()
	var calls errgroup.Group
	calls.SetLimit(parallelCalls)
	for i := range count {
		calls.Go(func() error { return do(i) })
	}
	if err := calls.Wait(); err != nil {
		s.Fatalf("%s", brief(err))
	}
}
