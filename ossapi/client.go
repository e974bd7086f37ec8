package ossapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/retry"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

const (
	defaultIdleTimeout     = 30 * time.Second
	defaultCompleteTimeout = 5 * time.Minute
	defaultMaxConns        = 128
)

// Client makes calls to one endpoint, one request a call and never a second
// one of its own accord. It is safe for concurrent use.
type Client struct {
	sdk             *oss.Client
	transport       http.RoundTripper
	endpoint        *url.URL
	style           AddressingStyle // never StyleAuto
	idleTimeout     time.Duration
	completeTimeout time.Duration
	clock           func() time.Time
	clockOffset     atomic.Int64 // nanoseconds
}

// New makes a Client. It opens no connection; it fails when the options
// contradict each other or lack something, with an error that names the option.
func New(o Options) (*Client, error) {
	if o.Credentials == nil {
		return nil, errors.New("no credentials provider: use Anonymous to send requests unsigned")
	}
	endpoint, region, style, err := resolveEndpoint(o)
	if err != nil {
		return nil, err
	}
	c := &Client{
		transport:       o.Transport,
		endpoint:        endpoint,
		style:           style,
		idleTimeout:     cmp.Or(o.IdleTimeout, defaultIdleTimeout),
		completeTimeout: cmp.Or(o.CompleteTimeout, defaultCompleteTimeout),
		clock:           o.Clock,
	}
	if c.idleTimeout < 0 || c.completeTimeout < 0 || o.MaxConns < 0 {
		return nil, errors.New("IdleTimeout, CompleteTimeout and MaxConns must not be negative")
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.transport == nil {
		c.transport = newTransport(o)
	}
	c.sdk = c.newSDK(o, region)
	return c, nil
}

// newSDK makes the SDK's client, with everything off that this package does
// itself. Its Config is not loaded from the environment: there a variable can
// switch on a log that shows the Authorization header.
func (c *Client) newSDK(o Options, region string) *oss.Client {
	config := oss.NewConfig().
		WithRegion(region).
		WithEndpoint(c.endpoint.String()).
		WithUsePathStyle(c.style == StylePath).
		WithUseCName(c.style == StyleCNAME).
		WithLogLevel(oss.LogOff).
		WithHttpClient(&http.Client{Transport: c.transport}) // never used: every call brings its own
	if o.UserAgent != "" {
		config.WithUserAgent(o.UserAgent)
	}
	config.WithCredentialsProvider(providerAdapter{o.Credentials})
	if _, ok := o.Credentials.(anonymousProvider); ok {
		config.WithCredentialsProvider(credentials.NewAnonymousCredentialsProvider())
	}
	sign := signer.Signer(&signer.SignerV4{})
	if o.SignatureV1 {
		sign = &signer.SignerV1{}
	}
	return oss.NewClient(config, func(so *oss.Options) {
		so.Signer = &clockSigner{client: c, signer: sign}
		so.RetryMaxAttempts = oss.Ptr(1)
		so.Retryer = retry.NopRetryer{}
		// No checksums, no content types, no clock correction by the SDK: the
		// last writes to its client without a lock when calls run at once.
		so.FeatureFlags = 0
	})
}

// Close lets go of the idle connections. Calls under way are not ended: their
// contexts do that.
func (c *Client) Close() { c.CloseIdleConnections() }

// CloseIdleConnections closes the connections no call is using, for instance
// after the machine slept, when they are dead without knowing it.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Host gives the host, with the port if one is named, that calls for the
// bucket go to; for an empty bucket the host of calls to the service.
func (c *Client) Host(bucket string) string {
	if bucket != "" && c.style == StyleVirtualHost {
		return bucket + "." + c.endpoint.Host
	}
	return c.endpoint.Host
}

// SetClockOffset corrects the time that requests are signed with: offset is
// the server's time minus this machine's, see [Error.ServerTime]. Calls under
// way keep the time they were signed with. Safe for concurrent use.
func (c *Client) SetClockOffset(offset time.Duration) { c.clockOffset.Store(int64(offset)) }

// clockSigner signs with the client's clock instead of the machine's.
type clockSigner struct {
	client *Client
	signer signer.Signer
}

// Sign implements signer.Signer.
func (s *clockSigner) Sign(ctx context.Context, sc *signer.SigningContext) error {
	sc.Time = s.client.clock().Add(time.Duration(s.client.clockOffset.Load()))
	sc.ClockOffset = 0
	return s.signer.Sign(ctx, sc)
}

// providerAdapter gives our provider's credentials to the SDK.
type providerAdapter struct{ provider CredentialsProvider }

// GetCredentials implements the SDK's credentials.CredentialsProvider.
func (a providerAdapter) GetCredentials(ctx context.Context) (credentials.Credentials, error) {
	got, err := a.provider.Credentials(ctx)
	if err != nil {
		return credentials.Credentials{}, &credentialsError{err}
	}
	if got.AccessKeyID == "" || got.AccessKeySecret == "" {
		return credentials.Credentials{}, &credentialsError{errors.New("the access key id or its secret is empty")}
	}
	return credentials.Credentials{
		AccessKeyID:     got.AccessKeyID,
		AccessKeySecret: got.AccessKeySecret.Reveal(),
		SecurityToken:   got.SecurityToken.Reveal(),
	}, nil
}

// credentialsError marks a failure to get credentials among the SDK's errors.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return "get credentials: " + e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }
