package profile

import (
	"context"
	"fmt"
	"time"

	"partway/ossapi"
)

// kind is a way of getting credentials.
type kind int

const (
	kindNone      kind = iota
	kindKey            // an access key, with a security token if temporary
	kindProcess        // a command that prints them
	kindURI            // an address that serves them
	kindECS            // the RAM role of this ECS instance
	kindAnonymous      // none, unsigned requests
)

// access is what a place says about credentials: a recipe, or why there is none.
type access struct {
	kind    kind
	id      string
	secret  ossapi.Secret
	token   ossapi.Secret
	expires time.Time
	command string        // kindProcess
	timeout time.Duration // kindProcess, 0 = 15 s
	uri     string        // kindURI
	role    string        // kindECS, "" = the one attached
	missing string        // kindNone: what was looked for in vain, in the words of the place
	err     error         // kindNone: the place has credentials that cannot be used
}

// mode names the way for a list of profiles.
func (a access) mode() string {
	switch a.kind {
	case kindKey:
		if a.token != "" {
			return "StsToken"
		}
		return "AK"
	case kindProcess:
		return "Process"
	case kindURI:
		return "CredentialsURI"
	case kindECS:
		return "EcsRamRole"
	case kindAnonymous:
		return "Anonymous"
	}
	return ""
}

// provider makes the credentials provider of a recipe. reload gives the recipe of the same place as it is now, so that
// new keys that another tool wrote into its file are found when the server refuses the old ones.
func (s Sources) provider(origin string, reload func() (access, error)) *Provider {
	var p *Provider
	p = newProvider(origin, s.Clock, func(ctx context.Context) (ossapi.Credentials, error) {
		a, err := reload()
		if err != nil {
			return ossapi.Credentials{}, err
		}
		p.mu.Lock()
		p.fixed = a.kind == kindKey
		p.mu.Unlock()
		return s.credentials(ctx, a)
	})
	return p
}

func (s Sources) credentials(ctx context.Context, a access) (ossapi.Credentials, error) {
	switch a.kind {
	case kindKey:
		return ossapi.Credentials{AccessKeyID: a.id, AccessKeySecret: a.secret, SecurityToken: a.token, Expires: a.expires}, nil
	case kindProcess:
		return s.fromProcess(ctx, a.command, a.timeout)
	case kindURI:
		return s.fromURI(ctx, a.uri)
	case kindECS:
		return s.fromECS(ctx, a.role)
	case kindAnonymous:
		return ossapi.Credentials{}, nil
	}
	if a.err != nil {
		return ossapi.Credentials{}, a.err
	}
	return ossapi.Credentials{}, fmt.Errorf("they are no longer there: %s", a.missing)
}
