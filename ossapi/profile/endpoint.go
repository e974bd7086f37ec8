package profile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"partway/ossapi"
)

var (
	regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	hostLabel  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$`)
	// ossHost matches the endpoints of regions: oss-REGION, with -internal, and the two of transfer acceleration.
	ossHost = regexp.MustCompile(`^(?:(.+)\.)?(oss-[a-z0-9-]+)\.aliyuncs\.com$`)
)

// endpoint is a checked endpoint.
type endpoint struct {
	url        string // with scheme, without a path: "https://oss-cn-hangzhou.aliyuncs.com"
	host       string // without port
	plain      bool   // http://, not encrypted
	local      bool   // a loopback address or localhost
	internal   bool   // reachable from inside Alibaba Cloud only
	accelerate bool   // transfer acceleration, which names no region
	style      ossapi.AddressingStyle
	custom     bool   // a name that is not of Alibaba Cloud: a bucket's own domain, or a server of one's own
	region     string // the region its name tells, or ""
}

// parseEndpoint checks an endpoint: a host with an optional port and scheme, no user name, no path. http:// is accepted
// with allowHTTP, or when the host is this machine. Errors do not name the setting, which the caller knows.
func parseEndpoint(raw string, allowHTTP bool) (endpoint, error) {
	text := strings.TrimSpace(raw)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // url.Parse quotes its input, which may hold a password
		return endpoint{}, errors.New("not a host or an address; write it like oss-cn-hangzhou.aliyuncs.com")
	case u.User != nil:
		return endpoint{}, errors.New("it holds a user name or password; credentials belong into a profile, not into an endpoint")
	case u.Scheme != "http" && u.Scheme != "https":
		return endpoint{}, fmt.Errorf("%s:// is not supported; write https://", quote(u.Scheme))
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "":
		return endpoint{}, errors.New("it has a query or fragment; write the host alone")
	case u.Path != "" && u.Path != "/":
		return endpoint{}, errors.New("it has a path; write the host alone, and the bucket apart from it")
	}
	e := endpoint{host: strings.ToLower(u.Hostname()), plain: u.Scheme == "http"}
	if err := checkHost(e.host, u.Port(), strings.HasSuffix(u.Host, ":")); err != nil {
		return endpoint{}, err
	}
	e.url = u.Scheme + "://" + strings.ToLower(u.Host)
	if err := e.recognise(); err != nil {
		return endpoint{}, err
	}
	if e.plain && !e.local && !allowHTTP {
		return endpoint{}, fmt.Errorf("%s would be spoken to without encryption; write https://, or permit it with --allow-http (allow_http = true)", e.host)
	}
	return e, nil
}

func checkHost(host, port string, emptyPort bool) error {
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return errors.New("its port is not a number from 1 to 65535")
		}
	} else if emptyPort {
		return errors.New("it ends with a colon; write the port after it, or leave it out")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if host == "" || len(host) > 253 {
		return errors.New("it names no host")
	}
	for _, label := range strings.Split(host, ".") {
		if len(label) > 63 || !hostLabel.MatchString(label) {
			return fmt.Errorf("%s is not the name of a host", quote(host))
		}
	}
	return nil
}

// recognise fills in what the host's name tells.
func (e *endpoint) recognise() error {
	ip := net.ParseIP(e.host)
	e.local = e.host == "localhost" || strings.HasSuffix(e.host, ".localhost") || ip != nil && ip.IsLoopback()
	if m := ossHost.FindStringSubmatch(e.host); m != nil {
		if m[1] != "" && m[1] != "s3" { // s3.oss-REGION is the S3-compatible name
			return fmt.Errorf("it begins with a bucket (%s); write %s.aliyuncs.com, and the bucket apart from it", quote(m[1]), m[2])
		}
		e.accelerate = m[2] == "oss-accelerate" || m[2] == "oss-accelerate-overseas"
		e.internal = strings.HasSuffix(m[2], "-internal")
	}
	e.internal = e.internal || strings.HasSuffix(e.host, ".oss-internal.aliyuncs.com") // cn-hangzhou.oss-internal…
	if region, ok := ossapi.RegionFromEndpoint(e.url); ok && !e.accelerate {
		e.region = region
	}
	// PrivateLink addresses speak path style only; ossutil 2 has the same rule as its built-in default.
	if strings.HasSuffix(e.host, ".privatelink.aliyuncs.com") {
		e.style = ossapi.StylePath
	}
	e.custom = ip == nil && !e.local && !strings.HasSuffix(e.host, ".aliyuncs.com")
	return nil
}

// normalRegion drops the "oss-" that stands before a region in endpoints and bucket lists.
func normalRegion(region string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(region)), "oss-")
}

func validRegion(region string) bool { return len(region) <= 64 && regionForm.MatchString(region) }

func checkRegion(region string) error {
	if !validRegion(region) {
		return fmt.Errorf("%s is not a region; write it like cn-hangzhou", quote(region))
	}
	return nil
}

// parseStyle reads an addressing style; the empty string is StyleAuto.
func parseStyle(s string) (ossapi.AddressingStyle, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "auto":
		return ossapi.StyleAuto, nil
	case "virtual", "virtual-host", "virtualhost":
		return ossapi.StyleVirtualHost, nil
	case "path":
		return ossapi.StylePath, nil
	case "cname":
		return ossapi.StyleCNAME, nil
	}
	return ossapi.StyleAuto, fmt.Errorf("%s is not an addressing style; it is auto, virtual, path or cname", quote(s))
}
