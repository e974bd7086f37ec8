package profile

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"partway/ossapi"
)

// noProxy is the value of the setting proxy that means a direct connection, whatever the environment says.
const noProxy = "none"

// Resolve finds out who is asking, and where. It reads files and the environment; it asks the metadata service only
// where nothing else has credentials, and then waits half a second at most. Commands and credential URIs are not asked
// yet, but by the first request.
//
// Errors: *NotFoundError, *UnknownProfileError, *FileError, *ModeError, *MissingRegionError, or one that names the value
// at fault and its place.
func Resolve(ctx context.Context, s Sources) (Profile, error) {
	s = s.withDefaults()
	layers, err := s.layers()
	if err != nil {
		return Profile{}, err
	}
	r := &resolution{s: s, layers: layers}
	for _, step := range []func(context.Context) error{r.credentials, r.place, r.style, r.proxy, r.overrides} {
		if err := step(ctx); err != nil {
			return Profile{}, err
		}
	}
	r.rest()
	return r.p, nil
}

// resolution is one run of Resolve: the layers, and the profile that takes shape.
type resolution struct {
	s      Sources
	layers []*layer // highest first
	p      Profile
	who    *layer   // where the credentials come from
	end    endpoint // the checked endpoint, zero without one
}

func (r *resolution) warn(format string, args ...any) {
	r.p.Warnings = append(r.p.Warnings, fmt.Sprintf(format, args...))
}

// pick returns the first value that a layer has, with the rank of that layer; rank len(layers) means none has.
func (r *resolution) pick(get func(*layer) string) (string, int) {
	for i, l := range r.layers {
		if v := strings.TrimSpace(get(l)); v != "" {
			return v, i
		}
	}
	return "", len(r.layers)
}

// origin names the place of a rank; the environment is one place here, whichever variable it was.
func (r *resolution) origin(rank int) string {
	if rank >= len(r.layers) {
		return ""
	}
	if l := r.layers[rank]; strings.HasPrefix(l.place, "OSS_") || strings.HasPrefix(l.place, "ALIBABA_") {
		return "environment"
	}
	return r.layers[rank].origin()
}

// credentials takes the first place that has some.
func (r *resolution) credentials(ctx context.Context) error {
	looked := []Place{r.s.flagPlace()}
	for i, l := range r.layers[1:] {
		if l.access.err != nil && r.s.named() != "" && l.profile != "" {
			return l.access.err // asked for by name: to go on would be to act as somebody else
		}
		if l.access.kind != kindNone && r.admits(l) {
			r.take(l, r.origin(i+1))
			r.compareOwn(i + 1)
			break
		}
		if l.access.err != nil {
			r.warn("%v", l.access.err)
		}
		looked = append(looked, l.looked())
	}
	if r.who != nil {
		return nil
	}
	ecs := r.s.ecsLayer(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	if ecs.access.kind == kindNone || !r.admits(ecs) {
		return &NotFoundError{Looked: append(looked, ecs.looked())}
	}
	r.layers = append(r.layers, ecs)
	r.take(ecs, ecs.place)
	return nil
}

// admits tells whether credentials are those of --access-key-id, where one was given.
func (r *resolution) admits(l *layer) bool {
	want := r.s.Flags.AccessKeyID
	if want == "" || l.access.kind == kindKey && l.access.id == want {
		return true
	}
	l.access.missing = "not of --access-key-id"
	return false
}

func (r *resolution) take(l *layer, origin string) {
	r.who = l
	r.p.From.Credentials = origin
	r.p.Mode = l.access.mode()
	r.p.AccessKeyID = l.access.id
	if l.access.kind == kindAnonymous { // the client knows this provider and does not sign
		r.p.Credentials = ossapi.Anonymous()
		return
	}
	reload := l.reload
	if reload == nil {
		fixed := l.access
		reload = func() (access, error) { return fixed, nil }
	}
	r.p.Credentials = r.s.provider(origin, reload)
}

// compareOwn warns where the environment hides the credentials of config.toml: acting as somebody else than the shown
// profile is what nobody expects.
func (r *resolution) compareOwn(rank int) {
	for _, l := range r.layers[rank+1:] {
		if !l.foreign && l.profile != "" && l.access.kind != kindNone && r.origin(rank) == "environment" {
			r.warn("credentials come from the environment, not from profile %q; use --profile %s to have its own", l.profile, l.profile)
		}
	}
}

// place settles endpoint and region together, since one often tells the other.
func (r *resolution) place(context.Context) error {
	for _, l := range r.layers {
		r.p.AllowHTTP = r.p.AllowHTTP || l.allowHTTP
		r.p.Internal = r.p.Internal || l.internal
		r.p.Accelerate = r.p.Accelerate || l.accelerate
		r.p.DualStack = r.p.DualStack || l.dualStack
	}
	if r.p.Internal && r.p.Accelerate {
		return fmt.Errorf("internal and accelerate exclude each other; choose one endpoint of the region")
	}
	region, regionRank := r.pick(func(l *layer) string { return l.region })
	region = normalRegion(region)
	if region != "" {
		if err := checkRegion(region); err != nil {
			return fmt.Errorf("region of %s: %w", r.origin(regionRank), err)
		}
	}
	raw, rank := r.pick(func(l *layer) string { return l.endpoint })
	if raw == "" {
		return r.settle(region, regionRank, endpoint{}, rank)
	}
	e, warning, err := checkEndpoint(raw, r.p.AllowHTTP, r.layers[rank].foreign)
	if err != nil {
		return fmt.Errorf("endpoint of %s: %w", r.origin(rank), err)
	}
	if warning != "" {
		r.warn("%s: %s", r.origin(rank), warning)
	}
	if f := r.s.Flags; (f.Internal || f.Accelerate) && rank > 0 { // a flag beats the endpoint of a lower place
		if e.region == "" && !e.accelerate {
			return fmt.Errorf("endpoint %q of %s has no internal or accelerate form; leave the flag out", e.host, r.origin(rank))
		}
		if region == "" {
			region, regionRank = e.region, rank
		}
		e, rank = endpoint{}, len(r.layers)
	}
	return r.settle(region, regionRank, e, rank)
}

// checkEndpoint parses an endpoint. Other tools' files often say http:// for an endpoint of OSS that serves https://
// just as well: that is raised, never lowered.
func checkEndpoint(raw string, allowHTTP, foreign bool) (e endpoint, warning string, err error) {
	if e, err = parseEndpoint(raw, allowHTTP); err == nil || !foreign || allowHTTP {
		return e, "", err
	}
	if plain, perr := parseEndpoint(raw, true); perr == nil && plain.plain && !plain.custom && strings.HasSuffix(plain.host, ".aliyuncs.com") {
		if e, uerr := parseEndpoint("https"+strings.TrimPrefix(plain.url, "http"), false); uerr == nil {
			return e, fmt.Sprintf("the endpoint says http://%s; https:// is used", plain.host), nil
		}
	}
	return e, "", err
}

// settle decides where region and endpoint disagree, and fills in what one tells of the other.
func (r *resolution) settle(region string, regionRank int, e endpoint, rank int) error {
	if region != "" && e.region != "" && region != e.region {
		switch {
		case regionRank == rank:
			return fmt.Errorf("%s: region %s and endpoint %s are of different regions; leave one of them out", r.origin(rank), region, e.host)
		case regionRank < rank:
			r.warn("endpoint %s of %s is not used: region %s of %s says another", e.host, r.origin(rank), region, r.origin(regionRank))
			e, rank = endpoint{}, len(r.layers)
		default:
			r.warn("region %s of %s is not used: endpoint %s of %s says %s", region, r.origin(regionRank), e.host, r.origin(rank), e.region)
			region, regionRank = e.region, rank
		}
	}
	if e.url != "" && e.region == "" && region != "" && regionRank < rank && r.layers[regionRank].profile != "" {
		// A file that names a region means the endpoint of that region: its keys do not go to whatever server
		// another file happens to name.
		r.warn("endpoint %s of %s is not used: %s says region %s and no endpoint", e.host, r.origin(rank), r.origin(regionRank), region)
		e, rank = endpoint{}, len(r.layers)
	}
	if e.url != "" {
		r.p.Endpoint, r.p.From.Endpoint, r.end = e.url, r.origin(rank), e
		r.p.Internal, r.p.Accelerate = e.internal, e.accelerate
		r.p.AllowHTTP = e.plain
	} else {
		r.p.AllowHTTP = false
	}
	r.p.SignatureV1 = r.who.signV1 || rank < len(r.layers) && r.layers[rank].signV1
	switch {
	case region != "":
		r.p.Region, r.p.From.Region = region, r.origin(regionRank)
	case e.region != "":
		r.p.Region, r.p.From.Region = e.region, "endpoint of "+r.origin(rank)
	case e.local: // a server on this machine has no region, but the signature needs some
		r.p.Region, r.p.From.Region = "cn-hangzhou", "assumed for an endpoint on this machine"
	default:
		return r.missingRegion(e)
	}
	return nil
}

// missingRegion is an error unless the signature needs no region, or buckets bring their own.
func (r *resolution) missingRegion(e endpoint) error {
	if r.p.SignatureV1 {
		return nil
	}
	for _, l := range r.layers {
		for _, o := range l.buckets {
			if o.region != "" || o.endpoint != "" {
				return nil
			}
		}
	}
	return &MissingRegionError{Profile: first(r.s.named(), r.who.profile), Endpoint: e.host}
}

func (r *resolution) style(context.Context) error {
	raw, rank := r.pick(func(l *layer) string { return l.style })
	style, err := parseStyle(raw)
	if err != nil {
		return fmt.Errorf("style of %s: %w", r.origin(rank), err)
	}
	r.p.Style, r.p.From.Style = style, r.origin(rank)
	switch {
	case style == ossapi.StyleCNAME && r.p.Endpoint == "":
		return fmt.Errorf("style of %s: cname needs the endpoint it is for; give the bucket's own domain as endpoint", r.origin(rank))
	case style == ossapi.StyleAuto && r.end.style != ossapi.StyleAuto:
		r.p.Style, r.p.From.Style = r.end.style, "endpoint of "+r.p.From.Endpoint
	case style == ossapi.StyleAuto && r.end.custom:
		r.warn("endpoint %s is not a name of Alibaba Cloud; if it is the own domain of a bucket, say style = \"cname\"", r.end.host)
	}
	return nil
}

func (r *resolution) proxy(context.Context) error {
	raw, rank := r.pick(func(l *layer) string { return l.proxy })
	r.p.From.Proxy = r.origin(rank)
	switch strings.ToLower(raw) {
	case "", "env":
		return nil
	case noProxy, "off", "direct":
		r.p.Proxy = noProxy
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
		// not quoted: it may hold a password
		problem := fmt.Sprintf("proxy of %s is not an address like http://proxy.example.com:8080, \"env\" or \"none\"", r.origin(rank))
		if r.layers[rank].foreign {
			r.warn("%s; the environment decides", problem)
			return nil
		}
		return fmt.Errorf("%s", problem)
	}
	r.p.Proxy, r.p.proxy = u.Redacted(), u
	return nil
}

// overrides checks what files say for single buckets. Flags beat them. A fault in config.toml is an error; in the file
// of another tool it costs the bucket its override, which is said.
func (r *resolution) overrides(context.Context) error {
	r.p.buckets = map[string]bucketOptions{}
	for _, l := range r.layers {
		for bucket, o := range l.buckets {
			if _, ok := r.p.buckets[bucket]; ok {
				continue // a higher place spoke for this bucket
			}
			b, err := r.override(o, l)
			switch {
			case err != nil && l.foreign:
				r.warn("%s, bucket %s is not followed: %v", o.place, quote(bucket), err)
			case err != nil:
				return fmt.Errorf("%s: %w", o.place, err)
			default:
				r.p.buckets[bucket] = b
			}
		}
	}
	return nil
}

func (r *resolution) override(o override, l *layer) (b bucketOptions, err error) {
	f := r.s.Flags
	if o.region != "" && f.Region == "" {
		b.region = normalRegion(o.region)
		if err := checkRegion(b.region); err != nil {
			return b, err
		}
	}
	if o.style != "" && f.Style == "" {
		if b.style, err = parseStyle(o.style); err != nil {
			return b, err
		}
		b.styled = true
	}
	if o.endpoint == "" || f.Endpoint != "" || f.Internal || f.Accelerate {
		b.styled = b.styled && o.endpoint == "" // a style goes with the endpoint it was written for
		return b, nil
	}
	e, _, err := checkEndpoint(o.endpoint, l.allowHTTP || f.AllowHTTP, l.foreign)
	if err != nil {
		return b, err
	}
	if f.Region != "" && e.region != "" && e.region != normalRegion(f.Region) {
		return bucketOptions{}, nil // an endpoint of another region than the one the flag wants
	}
	b.endpoint = &e
	return b, nil
}

// rest fills in what needs no decision.
func (r *resolution) rest() {
	var lower []string
	for _, l := range r.layers {
		if !l.foreign && l.profile != "" {
			r.p.Name, r.p.From.Settings = l.profile, l.origin()
		}
		if !l.foreign && (l.profile != "" || l.settings.UI != nil || l.settings.Keys != nil) {
			r.p.Settings = l.settings
		}
		lower = append(lower, l.warnings...)
	}
	r.p.Warnings = append(r.p.Warnings, lower...)
	switch {
	case r.s.named() != "":
		r.p.Name = r.s.named()
	case r.p.Name != "":
	case r.who.profile != "":
		r.p.Name = r.who.profile
	case r.p.From.Credentials == "environment":
		r.p.Name = "environment"
	default:
		r.p.Name = "ecs"
	}
}
