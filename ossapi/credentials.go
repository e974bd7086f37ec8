package ossapi

import (
	"context"
	"time"
)

// Credentials sign requests.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret Secret
	SecurityToken   Secret    // of temporary credentials; empty for a permanent key
	Expires         time.Time // zero: never, or not known
}

// CredentialsProvider gives the credentials for one request. It is asked
// before every request and by many goroutines at once, so it must be safe for
// concurrent use and must cache what is expensive to get.
type CredentialsProvider interface {
	Credentials(ctx context.Context) (Credentials, error)
}

// StaticCredentials gives a provider of a fixed key. The token is empty for a
// permanent key.
func StaticCredentials(id string, secret, token Secret) CredentialsProvider {
	return staticProvider{AccessKeyID: id, AccessKeySecret: secret, SecurityToken: token}
}

type staticProvider Credentials

func (p staticProvider) Credentials(context.Context) (Credentials, error) {
	return Credentials(p), nil
}

// Anonymous gives the provider of no credentials: requests go out unsigned,
// which only buckets open to the public accept.
func Anonymous() CredentialsProvider { return anonymousProvider{} }

type anonymousProvider struct{}

func (anonymousProvider) Credentials(context.Context) (Credentials, error) {
	return Credentials{}, nil
}
