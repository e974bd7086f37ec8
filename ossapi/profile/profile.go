package profile

import (
	"net/http"
	"net/url"

	"partway/ossapi"
)

// Profile is who is asking, and where: all that Resolve found, with the place each value came from. It holds no secret
// in a form that can be printed.
type Profile struct {
	Name        string                 // of the profile; "environment" or "ecs" where there is none
	Region      string                 // "cn-hangzhou"; empty only if each bucket has a region of its own, or with SignatureV1
	Endpoint    string                 // with scheme, without path; "" = the endpoint of the region that the flags below choose
	Style       ossapi.AddressingStyle // as wished or as the endpoint tells; StyleAuto leaves it to the client
	Internal    bool                   // reached from inside Alibaba Cloud
	Accelerate  bool                   // reached by transfer acceleration
	DualStack   bool                   // by IPv6, too
	AllowHTTP   bool                   // the endpoint is not encrypted, which was permitted or does not leave this machine
	SignatureV1 bool                   // the old signature
	Proxy       string                 // as shown to people, password removed; "" = as the environment says, "none" = none
	Mode        string                 // AK, StsToken, Process, CredentialsURI, EcsRamRole or Anonymous
	AccessKeyID string                 // where it is known without asking anybody, else ""

	// Credentials is never nil. Unless anonymous it is a *Provider, which can be told to fetch anew.
	Credentials ossapi.CredentialsProvider

	Settings Settings // of config.toml
	From     Origins
	Warnings []string // sentences for the user, each for itself

	proxy   *url.URL
	buckets map[string]bucketOptions
}

// Origins tells where the values of a Profile came from, in words for people: "flags", "~/.ossutilconfig [default]".
// Empty means that no place said anything.
type Origins struct {
	Credentials, Region, Endpoint, Style, Proxy, Settings string
}

// bucketOptions is what a file says for one bucket, checked.
type bucketOptions struct {
	region   string
	endpoint *endpoint
	style    ossapi.AddressingStyle
	styled   bool
}

// ClientOptions returns the options of a client for a bucket: those of the profile, changed by what a file says for
// this bucket ([Bucket-Endpoint], [Bucket-Cname], [buckets NAME], [profile.NAME.buckets.BUCKET]), as far as no flag said
// otherwise. The bucket "" gives those of the profile. Time limits, transport and the like are left for the caller.
func (p Profile) ClientOptions(bucket string) ossapi.Options {
	o := ossapi.Options{
		Region: p.Region, Endpoint: p.Endpoint, AllowHTTP: p.AllowHTTP, Style: p.Style, SignatureV1: p.SignatureV1,
		Credentials: p.Credentials,
	}
	switch {
	case p.proxy != nil:
		o.Proxy = http.ProxyURL(p.proxy)
	case p.Proxy == noProxy:
		o.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	}
	if b, ok := p.buckets[bucket]; ok {
		b.apply(&o)
	}
	if o.Endpoint == "" { // the client refuses two of them; the one nearest to the bucket is the fastest
		o.Internal = p.Internal
		o.Accelerate = p.Accelerate && !o.Internal
		o.DualStack = p.DualStack && !o.Internal && !o.Accelerate
	}
	return o
}

// apply changes what the bucket has of its own.
func (b bucketOptions) apply(o *ossapi.Options) {
	if b.endpoint != nil {
		o.Endpoint, o.AllowHTTP, o.Style = b.endpoint.url, b.endpoint.plain, b.endpoint.style
		o.Region = first(b.region, b.endpoint.region, o.Region)
	} else if b.region != "" && b.region != o.Region {
		o.Region = b.region
		if named, ok := ossapi.RegionFromEndpoint(o.Endpoint); ok && named != b.region {
			o.Endpoint = "" // the profile's endpoint is of another region
		}
	}
	if b.styled {
		o.Style = b.style
	}
}
