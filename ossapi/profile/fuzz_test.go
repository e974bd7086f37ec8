package profile

import (
	"strings"
	"testing"
)

// quoting tells whether an error shows a line of its input. Short lines may be part of any sentence.
func quoting(err error, data string) string {
	if err == nil {
		return ""
	}
	for line := range strings.SplitSeq(data, "\n") {
		_, value, ok := strings.Cut(line, "=")
		if value = strings.TrimSpace(value); ok && strings.HasPrefix(value, "CANARY") && strings.Contains(err.Error(), value) {
			return value
		}
	}
	return ""
}

// fuzzFile feeds one file with foreign bytes: whatever they are, Resolve and List end, no secret is shown by an error,
// and what is accepted makes a complete profile.
func fuzzFile(f *testing.F, path string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		m := &machine{files: map[string]fakeFile{path: file(data)}}
		p, err := Resolve(t.Context(), m.sources())
		if secret := quoting(err, data); secret != "" {
			t.Errorf("error shows %q: %v", secret, err)
		}
		if err == nil {
			if p.Credentials == nil || p.Name == "" && path != configPath || p.From.Credentials == "" {
				t.Errorf("incomplete: %+v", p)
			}
			if p.Endpoint != "" {
				if _, err := parseEndpoint(p.Endpoint, p.AllowHTTP); err != nil {
					t.Errorf("endpoint %q does not pass its own check: %v", p.Endpoint, err)
				}
			}
			p.ClientOptions("media")
		}
		if _, err := List(m.sources()); quoting(err, data) != "" {
			t.Errorf("List shows a secret: %v", err)
		}
	})
}

func FuzzOssutil(f *testing.F) {
	fuzzFile(f, ossutilPath,
		"[Credentials]\nendpoint=oss-cn-hangzhou.aliyuncs.com\naccessKeyID=i\naccessKeySecret=CANARY\n[Bucket-Cname]\nmedia=x.example.com\n",
		"[default]\nregion=r\naccessKeyID=i\naccessKeySecret=CANARY\nbuckets=b\nsource_profile=x\n[profile x]\n[buckets b]\nmedia =\n  region=r\n",
		"[default\nCANARY", "\xef\xbb\xbf[a]\n\x00")
}

func FuzzAliyun(f *testing.F) {
	fuzzFile(f, aliyunPath,
		`{"current":"d","profiles":[{"name":"d","mode":"AK","access_key_id":"i","access_key_secret":"CANARY","region_id":"r"}]}`,
		`{"profiles":[{"mode":"CloudSSO","sts_expiration":1e99}]}`, `[`, `{"profiles":null}`)
}

func FuzzConfig(f *testing.F) {
	fuzzFile(f, configPath,
		"default='a'\n[profile.a]\nregion='r'\naccess_key_id='i'\naccess_key_secret=\"CANARY\"\npart_size='1M'\n[profile.a.buckets.media]\nregion='x'\n",
		"[profile.a]\naccess_key_secret = CANARY1\n", "[profile.\"\"]\nmode='Anonymous'\nregion='r'\n", "[ui]\nx=1\n")
}

func FuzzEndpoint(f *testing.F) {
	for _, s := range []string{"oss-cn-hangzhou.aliyuncs.com", "http://localhost:9000", "https://[::1]:1", "u:p@h", "a.oss-x.aliyuncs.com", "%", "//", "http://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		e, err := parseEndpoint(raw, false)
		if err != nil {
			return
		}
		if e.plain && !e.local {
			t.Errorf("%q is plain and leaves the machine", raw)
		}
		again, err := parseEndpoint(e.url, false)
		if err != nil || again != e {
			t.Errorf("%q gives %+v, and that %+v, %v", raw, e, again, err)
		}
		if strings.ContainsAny(e.url, "@?# \t\n\x00") || strings.Count(e.url, "/") != 2 {
			t.Errorf("%q gives %q", raw, e.url)
		}
	})
}
