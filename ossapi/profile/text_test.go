package profile

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"partway/ossapi"
)

// TestNothingFound is the text of the first run: what stands on the screen and in the terminal.
func TestNothingFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := ossutil("[Credentials]\nlanguage=EN\n")
		m.http = &http.Client{Transport: silent{}}
		err := wantError(t, m)
		want := `no credentials found; looked in this order:
  1 flags --profile, --endpoint                 not given
  2 OSS_ACCESS_KEY_ID / OSS_ACCESS_KEY_SECRET   not set
  3 ALIBABA_CLOUD_ACCESS_KEY_ID / ..._SECRET    not set
  4 ~/.config/partway/config.toml               not there
  5 ~/.ossutilconfig                            found, but no accessKeyID in it
  6 ~/.aliyun/config.json                       not there
  7 ECS RAM role (metadata service)             no answer in 0.5 s
set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or write a profile into config.toml`
		if err.Error() != want {
			t.Errorf("got\n%s\nwant\n%s", err, want)
		}
		for line := range strings.SplitSeq(want, "\n") {
			if n := utf8.RuneCountInString(line); n > 80 && !strings.HasPrefix(line, "set ") {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	})
}

func TestEndpoints(t *testing.T) {
	good := map[string]endpoint{
		"oss-cn-hangzhou.aliyuncs.com":                               {url: "https://oss-cn-hangzhou.aliyuncs.com", region: "cn-hangzhou"},
		" HTTPS://OSS-cn-hangzhou.aliyuncs.com/ ":                    {url: "https://oss-cn-hangzhou.aliyuncs.com", region: "cn-hangzhou"},
		"https://oss-cn-hangzhou-internal.aliyuncs.com:443":          {url: "https://oss-cn-hangzhou-internal.aliyuncs.com:443", region: "cn-hangzhou", internal: true},
		"s3.oss-cn-hangzhou.aliyuncs.com":                            {url: "https://s3.oss-cn-hangzhou.aliyuncs.com", region: "cn-hangzhou"},
		"oss-accelerate.aliyuncs.com":                                {url: "https://oss-accelerate.aliyuncs.com", accelerate: true},
		"oss-accelerate-overseas.aliyuncs.com":                       {url: "https://oss-accelerate-overseas.aliyuncs.com", accelerate: true},
		"ep-x.oss.cn-hangzhou.privatelink.aliyuncs.com":              {url: "https://ep-x.oss.cn-hangzhou.privatelink.aliyuncs.com", style: ossapi.StylePath},
		"files.example.com":                                          {url: "https://files.example.com", custom: true},
		"http://localhost:9000":                                      {url: "http://localhost:9000", plain: true, local: true},
		"http://127.8.9.1":                                           {url: "http://127.8.9.1", plain: true, local: true},
		"http://[::1]:80":                                            {url: "http://[::1]:80", plain: true, local: true},
		"192.0.2.1:9000":                                             {url: "https://192.0.2.1:9000"},
		"http://oss.localhost":                                       {url: "http://oss.localhost", plain: true, local: true},
		"https://oss-cn-hangzhou.aliyuncs.com.evil.example.com":      {url: "https://oss-cn-hangzhou.aliyuncs.com.evil.example.com", custom: true},
		"http://oss-cn-hangzhou.aliyuncs.com (with AllowHTTP given)": {},
	}
	for raw, want := range good {
		allow := strings.HasSuffix(raw, ")")
		if allow {
			raw, _, _ = strings.Cut(raw, " ")
			want = endpoint{url: raw, region: "cn-hangzhou", plain: true}
		}
		got, err := parseEndpoint(raw, allow)
		got.host = ""
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", raw, got, err, want)
		}
	}
	bad := map[string]string{
		"https://u:CANARY@h.example.com":         "user name or password",
		"u@h.example.com":                        "user name or password",
		"https://h.example.com/CANARY":           "has a path",
		"h.example.com/bucket":                   "has a path",
		"https://h.example.com?x=CANARY":         "query",
		"https://h.example.com#x":                "query or fragment",
		"ftp://h.example.com":                    "not supported",
		"http://h.example.com":                   "--allow-http",
		"http://10.0.0.1":                        "--allow-http",
		"http://localhost.evil.example.com":      "--allow-http",
		"https://":                               "no host",
		"https://h.example.com:":                 "colon",
		"https://h.example.com:0":                "port",
		"https://h.example.com:99999":            "port",
		"https://h.example.com:CANARY":           "not a host",
		"h..example.com":                         "not the name of a host",
		"-h.example.com":                         "not the name of a host",
		"h\x1b[2J.example.com":                   "not a host",
		"bücher.example.com":                     "not the name of a host",
		"media.oss-cn-hangzhou.aliyuncs.com":     `begins with a bucket ("media")`,
		strings.Repeat("a", 64) + ".example.com": "not the name of a host",
		"%zz":                                    "not a host",
	}
	for raw, want := range bad {
		got, err := parseEndpoint(raw, false)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %+v, %v, want %q", raw, got, err, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{
		`a`: `a`, `"a"`: `a`, `'a'`: `a`, `"a`: `"a`, `""`: ``, `"a" # c`: `a`, `"a"b`: `"a"b`, `a#b`: `a#b`, `"`: `"`, `"a'`: `"a'`,
	} {
		if got := unquote(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
