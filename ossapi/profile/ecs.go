package profile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"partway/ossapi"
)

const (
	// presenceTimeout bounds the question whether there is a metadata service at all. It answers within milliseconds
	// where it exists; elsewhere the address leads nowhere and every start would wait for it.
	presenceTimeout = 500 * time.Millisecond

	rolePath        = "/latest/meta-data/ram/security-credentials/"
	regionPath      = "/latest/meta-data/region-id"
	tokenPath       = "/latest/api/token"
	tokenTTLSeconds = "300" // each fetch asks for a token of its own, so it need not live long
)

// roleName is what RAM allows: letters, digits, dot, underscore, hyphen, up to 64 characters. The name becomes part of a path.
var roleName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

var errNoRole = errors.New("the metadata service answers, but no RAM role is attached to this instance")

// ecsLayer asks the metadata service for its role, unless switched off. It is asked last, and only when no other place
// has credentials.
func (s Sources) ecsLayer(ctx context.Context) *layer {
	l := &layer{place: "ECS RAM role (metadata service)"}
	if isTrue(s.Getenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED")) {
		l.access.missing = "switched off by the environment"
		return l
	}
	probe, cancel := context.WithTimeout(ctx, presenceTimeout)
	defer cancel()
	role, err := s.ecsRole(probe, s.Getenv("ALIBABA_CLOUD_ECS_METADATA"))
	var silent *silentError
	switch {
	case errors.Is(err, errNoRole):
		l.access.missing = "answers, but has no role"
	case err != nil && errors.Is(probe.Err(), context.DeadlineExceeded):
		l.access.missing = "no answer in 0.5 s"
	case errors.As(err, &silent):
		l.access.missing = "not reachable"
	case err != nil:
		l.access.missing, l.access.err = "answers, but see below", err
	default:
		l.access = access{kind: kindECS, role: role}
		l.place = "ECS RAM role " + role
		region, err := s.metadata(probe, regionPath)
		if err == nil && validRegion(region) {
			l.region = region
		}
	}
	return l
}

// fromECS fetches the temporary credentials of a role; role "" is the one attached.
func (s Sources) fromECS(ctx context.Context, role string) (ossapi.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	role, err := s.ecsRole(ctx, role)
	if err != nil {
		return ossapi.Credentials{}, err
	}
	body, err := s.metadata(ctx, rolePath+url.PathEscape(role))
	if err != nil {
		return ossapi.Credentials{}, fmt.Errorf("metadata service, role %s: %w", role, err)
	}
	c, err := parseAnswer([]byte(body))
	if err != nil {
		return ossapi.Credentials{}, fmt.Errorf("metadata service, role %s: %w", role, err)
	}
	return c, nil
}

// ecsRole asks for the name of the attached role. A wanted one is compared, since the service gives credentials for
// the attached role only.
func (s Sources) ecsRole(ctx context.Context, wanted string) (string, error) {
	if wanted != "" && !roleName.MatchString(wanted) {
		return "", fmt.Errorf("%s is not the name of a RAM role", quote(wanted))
	}
	body, err := s.metadata(ctx, rolePath)
	var status statusError
	switch {
	case errors.As(err, &status) && status == http.StatusNotFound:
		return "", errNoRole
	case err != nil:
		return "", fmt.Errorf("metadata service: %w", err)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", errNoRole
	case !roleName.MatchString(name):
		return "", errors.New("metadata service: what it answers is not the name of a RAM role")
	case wanted != "" && wanted != name:
		return "", fmt.Errorf("metadata service: the attached role is %s, not %s", name, wanted)
	}
	return name, nil
}

// metadata gets one item, with the session token of the hardened mode (IMDSv2). Where the service does not know tokens
// the plain request follows, unless ALIBABA_CLOUD_IMDSV1_DISABLED forbids it.
func (s Sources) metadata(ctx context.Context, path string) (string, error) {
	base := strings.TrimSuffix(s.MetadataURL, "/")
	header := http.Header{}
	header.Set("X-aliyun-ecs-metadata-token-ttl-seconds", tokenTTLSeconds)
	token, err := s.get(ctx, http.MethodPut, base+tokenPath, header)
	header = http.Header{}
	var status statusError
	switch {
	case err == nil:
		header.Set("X-aliyun-ecs-metadata-token", strings.TrimSpace(string(token)))
	case !errors.As(err, &status): // nobody there: the plain request would only wait a second time
		return "", err
	case isTrue(s.Getenv("ALIBABA_CLOUD_IMDSV1_DISABLED")):
		return "", fmt.Errorf("no session token, and plain requests are forbidden by ALIBABA_CLOUD_IMDSV1_DISABLED: %v", err) // not %w: a 404 here does not mean "no role"
	}
	body, err := s.get(ctx, http.MethodGet, base+path, header)
	return string(body), err
}

func isTrue(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "yes", "on":
		return true
	}
	return false
}
