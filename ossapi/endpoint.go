package ossapi

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// aliyunDomain ends the host of every endpoint of OSS's own.
const aliyunDomain = ".aliyuncs.com"

// RegionFromEndpoint gives the region that an endpoint of OSS's own names:
//
//	oss-cn-hangzhou.aliyuncs.com            public
//	oss-cn-hangzhou-internal.aliyuncs.com   inside the region's network
//	vpc100-oss-cn-hangzhou.aliyuncs.com     the same, as older networks call it
//	cn-hangzhou.oss.aliyuncs.com            dual stack
//	s3.oss-cn-hangzhou.aliyuncs.com         for S3 clients
//
// A scheme and a port do no harm. ok is false for an accelerate endpoint, a
// custom domain, an IP address: these name no region.
func RegionFromEndpoint(endpoint string) (region string, ok bool) {
	u, err := parseEndpoint(endpoint)
	if err != nil {
		return "", false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	name, found := strings.CutSuffix(host, aliyunDomain)
	if !found {
		return "", false
	}
	if dual, isDual := strings.CutSuffix(name, ".oss"); isDual {
		region = dual
	} else {
		name = strings.TrimPrefix(name, "s3.")
		name = strings.TrimPrefix(name, "vpc100-")
		if region, found = strings.CutPrefix(name, "oss-"); !found {
			return "", false
		}
		region = strings.TrimSuffix(region, "-internal")
	}
	if strings.HasPrefix(region, "accelerate") || !oss.IsValidRegion(region) {
		return "", false
	}
	return region, true
}

// parseEndpoint parses a host with an optional scheme (https when missing) and
// port, and refuses everything else a URL can hold: userinfo would be sent to
// the host, and a path would be silently lost.
func parseEndpoint(endpoint string) (*url.URL, error) {
	text := strings.TrimSuffix(endpoint, "/")
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// The cause quotes the whole text, which may hold a password.
		return nil, errors.New("the endpoint is not a host name: expected for instance oss-cn-hangzhou.aliyuncs.com")
	case u.User != nil:
		return nil, fmt.Errorf("the endpoint %s must not have a user name or password in it", u.Host)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the endpoint %s has the scheme %q: use https", u.Host, u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the endpoint %q has no host", endpoint)
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the endpoint %s must be a host only, without a path: a bucket or key is given separately", u.Host)
	}
	return u, nil
}

// resolveEndpoint gives the URL that requests start with, the region they are
// signed for and where the bucket goes.
func resolveEndpoint(o Options) (*url.URL, string, AddressingStyle, error) {
	region := strings.TrimPrefix(o.Region, "oss-")
	if region != "" && !oss.IsValidRegion(region) {
		return nil, "", 0, fmt.Errorf("the region %q is not valid: expected for instance cn-hangzhou", o.Region)
	}
	endpoint := o.Endpoint
	if endpoint == "" {
		var err error
		if endpoint, err = regionEndpoint(region, o); err != nil {
			return nil, "", 0, err
		}
	}
	u, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, "", 0, err
	}
	if u.Scheme == "http" && !o.AllowHTTP {
		return nil, "", 0, fmt.Errorf("the endpoint %s is http: requests could be read on the way; use https or allow http", u.Host)
	}
	if region == "" {
		region, _ = RegionFromEndpoint(endpoint)
	}
	_, anonymous := o.Credentials.(anonymousProvider)
	if region == "" && !o.SignatureV1 && !anonymous {
		return nil, "", 0, fmt.Errorf("the region of %s is not known: give it, for instance cn-hangzhou; requests are signed with it", u.Host)
	}
	style, err := resolveStyle(o.Style, u.Hostname())
	return u, region, style, err
}

// regionEndpoint gives the endpoint of a region.
func regionEndpoint(region string, o Options) (string, error) {
	wishes := 0
	for _, wish := range []bool{o.Internal, o.Accelerate, o.DualStack} {
		if wish {
			wishes++
		}
	}
	switch {
	case wishes > 1:
		return "", errors.New("only one of internal, accelerate and dual stack can be used")
	case region == "":
		return "", errors.New("neither an endpoint nor a region is given")
	case o.Internal:
		return "oss-" + region + "-internal" + aliyunDomain, nil
	case o.Accelerate:
		return "oss-accelerate" + aliyunDomain, nil
	case o.DualStack:
		return region + ".oss" + aliyunDomain, nil
	}
	return "oss-" + region + aliyunDomain, nil
}

func resolveStyle(style AddressingStyle, host string) (AddressingStyle, error) {
	isIP := net.ParseIP(host) != nil
	switch style {
	case StyleAuto:
		if isIP || host == "localhost" {
			return StylePath, nil
		}
		return StyleVirtualHost, nil
	case StylePath:
		return StylePath, nil
	case StyleVirtualHost, StyleCNAME:
		if isIP {
			return 0, fmt.Errorf("the endpoint %s is an IP address, which can only be used in path style", host)
		}
		return style, nil
	}
	return 0, fmt.Errorf("unknown addressing style %d", style)
}
