package ossapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// Limits on what an answer may hold. A list page of 1000 long keys, each
// escaped, stays below 4 MiB; an error document below 4 KiB.
const (
	maxAnswer = 8 << 20
	maxRefuse = 64 << 10
)

// call is one request to be made.
type call struct {
	op         string // for the error: "upload part"
	name       string // OSS's name of the operation
	method     string
	bucket     string // empty: the request is to the service
	key        string // empty: the request is to the bucket
	uploadID   string // for the error
	partNumber int    // for the error
	params     map[string]string
	headers    map[string]string
	body       io.Reader     // nil: none
	size       int64         // bytes of body
	silence    time.Duration // 0: the client's IdleTimeout
}

// answer is a whole answer with a 2xx status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes the request and reads its answer. The SDK builds the URL and signs;
// everything from there on is exchange.Do, which the SDK is given as the HTTP
// client of this one call. So the SDK never sees the body, which it would
// measure by seeking and wrap in its own readers, nor the answer, whose error
// documents it reads without a limit.
func (c *Client) do(ctx context.Context, k call) (answer, error) {
	x := &exchange{client: c, silence: k.silence}
	if x.silence == 0 {
		x.silence = c.idleTimeout
	}
	if err := k.check(); err != nil {
		return answer{}, c.localError(k, KindRequest, err)
	}
	if k.body != nil {
		x.body = newExactBody(k.body, k.size)
		if k.size == 0 {
			if err := x.body.checkEmpty(); err != nil {
				return answer{}, c.localError(k, KindLocal, err)
			}
		}
	}
	input := &oss.OperationInput{OpName: k.name, Method: k.method, Parameters: k.params, Headers: k.headers}
	if k.bucket != "" {
		input.Bucket = &k.bucket
	}
	if k.key != "" {
		input.Key = &k.key
	}
	_, err := c.sdk.InvokeOperation(ctx, input, func(o *oss.Options) { o.HttpClient = x })
	if x.body != nil {
		// An answer may come before the body is all sent, and the transport
		// then goes on reading for a while: the caller's reader must not be
		// touched once this function has returned.
		x.body.release()
		if bodyErr := x.body.failure(); bodyErr != nil && ctx.Err() == nil {
			return answer{}, c.localError(k, KindLocal, bodyErr)
		}
	}
	if x.refused != nil {
		return answer{}, c.refusedError(k, *x.refused)
	}
	if err != nil {
		return answer{}, c.callError(ctx, k, err)
	}
	return x.answer, nil
}

// exchange sends one signed request and reads the answer.
type exchange struct {
	client  *Client
	silence time.Duration
	body    *exactBody

	answer  answer
	refused *answer // set instead of answer when the status is not 2xx
}

// Do implements oss.HTTPClient. It calls the RoundTripper itself: an
// http.Client would follow redirects, and with them send the credentials to a
// host that the user has not named.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	// The SDK gives every request a body, which for an empty one makes
	// net/http send it chunked and never repeat it on a fresh connection.
	req.Body, req.ContentLength = http.NoBody, 0
	if x.body != nil && x.body.size > 0 {
		req.Body, req.ContentLength = x.body, x.body.size
	}
	watch := &connWatch{silence: x.silence, body: x.body}
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), watch.trace()))
	resp, err := x.client.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	got := answer{status: resp.StatusCode, header: resp.Header}
	ok := resp.StatusCode/100 == 2
	limit := int64(maxAnswer)
	if !ok {
		limit = maxRefuse
	}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case !ok:
		// A refusal counts by its status alone: that its document was cut
		// short or is endless does not matter.
		got.body = got.body[:min(int64(len(got.body)), limit)]
		x.refused = &got
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case int64(len(got.body)) > limit:
		return nil, &oddAnswerError{status: got.status, header: got.header,
			reason: fmt.Sprintf("the answer is longer than %d MiB", limit>>20)}
	}
	x.answer = got
	resp.Body = http.NoBody
	return resp, nil
}

// check finds what would be refused by the SDK or net/http with an error that
// names the wrong thing, or none.
func (k *call) check() error {
	switch {
	case k.name != opListBuckets && !oss.IsValidBucketName(&k.bucket):
		return fmt.Errorf("the bucket name %q is not valid: 3 to 63 of a-z, 0-9 and -", k.bucket)
	case len(k.key) > maxKey:
		return fmt.Errorf("the key has %d bytes, %d are allowed", len(k.key), maxKey)
	case k.size < 0:
		return fmt.Errorf("the size is negative: %d", k.size)
	}
	for name, value := range k.headers {
		if !isToken(name) {
			return fmt.Errorf("%q cannot be the name of a header", name)
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("the value of %s has a control character: %q", name, value)
		}
	}
	return nil
}

// isToken reports whether s can be a header's name: RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
