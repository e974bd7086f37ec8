package ossapi

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"time"
)

// AddressingStyle says where the bucket's name goes in a request.
type AddressingStyle int

const (
	// StyleAuto is StylePath for an IP address or localhost, else StyleVirtualHost.
	StyleAuto AddressingStyle = iota
	// StyleVirtualHost puts the bucket before the endpoint: bucket.oss-cn-hangzhou.aliyuncs.com.
	StyleVirtualHost
	// StylePath puts the bucket first in the path. OSS itself refuses it; other servers need it.
	StylePath
	// StyleCNAME is for a custom domain that is bound to one bucket: the bucket is not in the URL.
	StyleCNAME
)

// String gives the name used in settings: auto, virtual, path, cname.
func (s AddressingStyle) String() string {
	switch s {
	case StyleAuto:
		return "auto"
	case StyleVirtualHost:
		return "virtual"
	case StylePath:
		return "path"
	case StyleCNAME:
		return "cname"
	}
	return "unknown"
}

// Options are what [New] makes a Client of. Credentials and one of Region and
// Endpoint are required; the zero value of everything else is a good default.
type Options struct {
	// Region is the region's id, "cn-hangzhou"; it is part of every V4
	// signature. Empty: taken from Endpoint by [RegionFromEndpoint]. A leading
	// "oss-" is tolerated.
	Region string
	// Endpoint is a host with an optional port and scheme. Empty: the public
	// endpoint of Region. Without a scheme it is https.
	Endpoint string
	// AllowHTTP permits an http:// endpoint. Requests are then readable on the
	// way, so it must be somebody's explicit wish.
	AllowHTTP bool
	// Style is the addressing style.
	Style AddressingStyle
	// Internal, Accelerate and DualStack choose another endpoint of the region
	// than the public one; at most one may be set. Ignored when Endpoint is set.
	Internal, Accelerate, DualStack bool
	// SignatureV1 signs with the old signature, which needs no region and
	// which OSS accepts only for old accounts and buckets.
	SignatureV1 bool
	// Credentials sign the requests; required, see [Anonymous].
	Credentials CredentialsProvider
	// UserAgent is appended to the SDK's own.
	UserAgent string
	// RootCAs replaces the system's certificate authorities when not nil.
	RootCAs *x509.CertPool
	// Proxy gives the proxy of a request; nil: http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
	// IdleTimeout ends a call when no byte moved on its connection for so
	// long, in either direction; 0: 30 s. A call that goes on moving bytes may
	// take as long as it likes.
	IdleTimeout time.Duration
	// CompleteTimeout takes the place of IdleTimeout in Complete, which OSS
	// may answer late for an upload of many parts; 0: 5 min.
	CompleteTimeout time.Duration
	// MaxConns limits the connections to one host, and so the calls at once;
	// further calls wait. All of them are kept for reuse. 0: 128.
	MaxConns int
	// Transport sends the requests instead of the one built from the fields
	// above. For tests; IdleTimeout and CompleteTimeout then have no effect.
	Transport http.RoundTripper
	// Clock gives the time that requests are signed with; nil: time.Now.
	Clock func() time.Time
}
