package profile

import (
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"time"

	"partway/ossapi"
)

// ossutilFile is ~/.ossutilconfig. ossutil 1 and 2 use the same path for two forms: version 1 has [Credentials],
// [Bucket-Endpoint], [Bucket-Cname], [AkService]; version 2 has [default] = [profile default], [profile NAME] and
// [buckets NAME]. One file may hold both; what version 2 says of its default profile comes first then.
type ossutilFile struct {
	path     string                         // as shown
	profiles map[string]map[string]iniEntry // version 2: name -> flat key -> entry
	names    []string                       // in the order of the file
	groups   map[string]map[string]override // version 2: [buckets GROUP] -> bucket -> what it says
	v1       map[string]iniEntry            // [Credentials], flat keys; nil if there is none
	v1Role   string                         // the role in the URL of [AkService]
	v1Hosts  map[string]override            // [Bucket-Endpoint] and [Bucket-Cname]
	v1Net    map[string]iniEntry            // [Default] of version 1: proxyHost and so on
}

func parseOssutil(path string, data []byte) (*ossutilFile, error) {
	sections, err := parseINI(path, data)
	if err != nil {
		return nil, err
	}
	f := &ossutilFile{path: path, profiles: map[string]map[string]iniEntry{}, groups: map[string]map[string]override{}}
	for _, sec := range sections {
		switch kind, name, _ := strings.Cut(sec.name, " "); {
		case sec.name == "credentials":
			f.v1 = addFlat(f.v1, sec.entries)
		case sec.name == "bucket-endpoint", sec.name == "bucket-cname":
			f.addHosts(sec)
		case sec.name == "akservice":
			f.addRole(sec.entries)
		case sec.name == "default":
			f.addProfile("default", sec.entries)
		case kind == "profile" && name != "":
			f.addProfile(name, sec.entries)
		case kind == "buckets" && name != "":
			f.groups[name] = addGroup(f.groups[name], path+" ["+sec.name+"]", sec.entries)
		}
	}
	if f.v1 != nil && !isV2(f.profiles["default"]) { // [Default] beside [Credentials] is version 1's: proxy, time limits
		f.v1Net = f.profiles["default"]
		delete(f.profiles, "default")
		f.names = without(f.names, "default")
	}
	return f, nil
}

func without(names []string, name string) []string {
	var kept []string
	for _, n := range names {
		if n != name {
			kept = append(kept, n)
		}
	}
	return kept
}

func isV2(p map[string]iniEntry) bool {
	for _, key := range []string{"accesskeyid", "accesskeysecret", "mode", "region", "endpoint", "sourceprofile", "credentialprocess", "credentialuri", "buckets"} {
		if _, ok := p[key]; ok {
			return true
		}
	}
	return false
}

func addFlat(m map[string]iniEntry, entries []iniEntry) map[string]iniEntry {
	if m == nil {
		m = map[string]iniEntry{}
	}
	for _, e := range entries {
		m[flat(e.key)] = e
	}
	return m
}

func (f *ossutilFile) addProfile(name string, entries []iniEntry) {
	if f.profiles[name] == nil {
		f.names = append(f.names, name)
	}
	f.profiles[name] = addFlat(f.profiles[name], entries)
}

// addHosts reads bucket=host lines. Bucket-Cname beats Bucket-Endpoint, whichever stands first.
func (f *ossutilFile) addHosts(sec iniSection) {
	if f.v1Hosts == nil {
		f.v1Hosts = map[string]override{}
	}
	for _, e := range sec.entries {
		o := override{place: f.path + " [" + sec.name + "]", endpoint: e.value}
		if sec.name == "bucket-cname" {
			o.style = "cname"
		} else if f.v1Hosts[e.key].style == "cname" {
			continue
		}
		f.v1Hosts[e.key] = o
	}
}

// addRole reads the role out of ecsAk = http://100.100.100.200/latest/meta-data/Ram/security-credentials/ROLE. The
// address itself is not used: the metadata service has but one.
func (f *ossutilFile) addRole(entries []iniEntry) {
	for _, e := range entries {
		if flat(e.key) == "ecsak" {
			f.v1Role = e.value[strings.LastIndexByte(e.value, '/')+1:]
		}
	}
}

// addGroup reads a [buckets GROUP] section. A bucket's pairs follow it indented, or stand behind its =.
func addGroup(group map[string]override, place string, entries []iniEntry) map[string]override {
	if group == nil {
		group = map[string]override{}
	}
	bucket := ""
	for _, e := range entries {
		if bucket != "" && group[bucket].names(e) {
			group[bucket] = group[bucket].with(e.key, e.value)
			continue
		}
		bucket = e.key
		o := override{place: place}
		for _, pair := range strings.FieldsFunc(e.value, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
			if k, v, ok := strings.Cut(pair, "="); ok {
				o = o.with(k, unquote(v))
			}
		}
		group[bucket] = o
	}
	return group
}

// names tells whether a line is a pair of the bucket above it: an indented one, or one of the three keys without a pair
// of its own (pages that show this form often lost the indentation).
func (override) names(e iniEntry) bool {
	switch flat(e.key) {
	case "region", "endpoint", "addressingstyle":
		return e.nested || e.value != "" && !strings.Contains(e.value, "=")
	}
	return e.nested && e.value != "" && !strings.Contains(e.value, "=")
}

func (o override) with(key, value string) override {
	switch flat(key) {
	case "region":
		o.region = value
	case "endpoint":
		o.endpoint = value
	case "addressingstyle":
		o.style = value
	}
	return o
}

// known lists the profiles by name.
func (f *ossutilFile) known() []string {
	if f.v1 != nil && f.profiles["default"] == nil {
		return append([]string{"default"}, f.names...)
	}
	return f.names
}

// inherit returns a profile with what it lacks filled in from its source_profile, and so on.
func (f *ossutilFile) inherit(name string) (map[string]iniEntry, error) {
	all := map[string]iniEntry{}
	seen := map[string]bool{}
	for line := 0; ; {
		p, ok := f.profiles[name]
		switch {
		case !ok:
			return nil, &FileError{Path: f.path, Line: line, Problem: "source_profile " + quote(name) + " is not in the file"}
		case seen[name]:
			return nil, &FileError{Path: f.path, Line: line, Problem: "source_profile leads in a circle"}
		}
		seen[name] = true
		for k, e := range p {
			if _, ok := all[k]; !ok {
				all[k] = e
			}
		}
		source, ok := p["sourceprofile"]
		if !ok || source.value == "" {
			return all, nil
		}
		name, line = strings.ToLower(source.value), source.line
	}
}

// layer turns one profile into what it says.
func (f *ossutilFile) layer(name string) (*layer, error) {
	l := &layer{place: f.path, profile: name, foreign: true, buckets: map[string]override{}}
	name = strings.ToLower(name)
	if f.profiles[name] != nil {
		p, err := f.inherit(name)
		if err != nil {
			return nil, err
		}
		f.fillV2(l, p)
	}
	if name == "default" && f.v1 != nil {
		f.fillV1(l)
	}
	return l, nil
}

func (f *ossutilFile) fillV2(l *layer, p map[string]iniEntry) {
	l.region, l.endpoint, l.style, l.proxy = p["region"].value, p["endpoint"].value, p["addressingstyle"].value, p["proxy"].value
	l.signV1 = strings.EqualFold(p["signversion"].value, "v1")
	if isTrue(p["skipverifycert"].value) {
		l.warn("%s: skip-verify-cert is not followed, certificates are always verified", f.path)
	}
	for bucket, o := range f.groups[strings.ToLower(p["buckets"].value)] {
		l.buckets[bucket] = o
	}
	l.access = f.accessV2(l, p)
}

func (f *ossutilFile) accessV2(l *layer, p map[string]iniEntry) access {
	key := keyPair(p["accesskeyid"].value, ossapi.Secret(p["accesskeysecret"].value), ossapi.Secret(p["ststoken"].value), "accessKeyID", "accessKeySecret")
	command, uri := p["credentialprocess"].value, p["credentialuri"].value
	mode := flat(p["mode"].value)
	if mode == "" && key.kind == kindNone && key.err == nil {
		switch {
		case command != "":
			mode = "process"
		case uri != "":
			mode = "credentialuri"
		}
	}
	switch mode {
	case "", "ak", "ststoken":
		if mode == "ststoken" && key.kind == kindKey && key.token == "" {
			return access{missing: "mode StsToken, but no stsToken"}
		}
		if mode == "ak" {
			key.token = ""
		}
		return key
	case "process":
		if command == "" {
			return access{missing: "mode Process, but no command"}
		}
		return access{kind: kindProcess, command: command, timeout: seconds(p["credentialprocesstimeout"].value)}
	case "credentialuri", "credentialsuri", "uri":
		return uriAccess(uri)
	case "ecsramrole", "aliecsramrole":
		return access{kind: kindECS, role: p["ecsrolename"].value}
	case "anonymous":
		return access{kind: kindAnonymous}
	}
	return access{missing: "mode " + quote(p["mode"].value) + " is not supported", err: &ModeError{Place: l.origin(), Mode: p["mode"].value}}
}

// seconds reads credential-process-timeout; what is no number or out of range gives the default.
func seconds(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxProcessTime)
}

func (f *ossutilFile) fillV1(l *layer) {
	get := func(names ...string) string {
		for _, n := range names {
			if v := f.v1[n].value; v != "" {
				return v
			}
		}
		return ""
	}
	l.endpoint = first(l.endpoint, get("endpoint", "host"))
	l.region = first(l.region, get("region"))
	l.proxy = first(l.proxy, f.v1Proxy())
	for bucket, o := range f.v1Hosts {
		if _, ok := l.buckets[bucket]; !ok {
			l.buckets[bucket] = o
		}
	}
	if l.access.kind != kindNone {
		return
	}
	switch mode := get("mode"); flat(mode) {
	case "", "ak", "ststoken":
		token := get("ststoken")
		if flat(mode) == "ak" {
			token = ""
		}
		l.access = keyPair(get("accesskeyid", "accessid"), ossapi.Secret(get("accesskeysecret", "accesskey")), ossapi.Secret(token), "accessKeyID", "accessKeySecret")
		if role := first(get("ecsrolename"), f.v1Role); l.access.kind == kindNone && l.access.err == nil && role != "" {
			l.access = access{kind: kindECS, role: role}
		}
	case "ecsramrole":
		l.access = access{kind: kindECS, role: first(get("ecsrolename"), f.v1Role)}
	default:
		l.access = access{missing: "mode " + quote(mode) + " is not supported", err: &ModeError{Place: l.origin(), Mode: mode}}
	}
}

// v1Proxy builds the proxy of version 1's [Default]: proxyHost, with proxyUser and proxyPwd.
func (f *ossutilFile) v1Proxy() string {
	host := f.v1Net["proxyhost"].value
	if host == "" {
		return ""
	}
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	u, err := url.Parse(host)
	if err != nil {
		return host
	}
	if user := f.v1Net["proxyuser"].value; user != "" {
		u.User = url.UserPassword(user, f.v1Net["proxypwd"].value)
	}
	return u.String()
}

// ossutilFile reads and parses the file, with the warnings about it. A missing one is fs.ErrNotExist.
func (s Sources) ossutilFile() (*ossutilFile, []string, error) {
	path := s.ossutilPath()
	if path == "" {
		return nil, nil, fs.ErrNotExist
	}
	data, info, err := s.read(path)
	if err != nil {
		return nil, nil, err
	}
	f, err := parseOssutil(s.show(path), data)
	return f, exposedWarning(s.show(path), info), err
}

// exposedWarning is a warning only: the file is another tool's, and refusing it would not make it safer.
func exposedWarning(path string, info fs.FileInfo) []string {
	if !exposed(info) {
		return nil
	}
	return []string{path + " can be read by others on this machine; chmod 600 " + path + " makes it private"}
}
