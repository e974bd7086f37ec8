package ossapi

import (
	"strings"
	"testing"
)

func TestRegionFromEndpoint(t *testing.T) {
	for endpoint, want := range map[string]string{
		"oss-cn-hangzhou.aliyuncs.com":                    "cn-hangzhou",
		"https://oss-cn-hangzhou.aliyuncs.com":            "cn-hangzhou",
		"http://OSS-CN-Hangzhou.aliyuncs.com:80/":         "cn-hangzhou",
		"oss-us-west-1-internal.aliyuncs.com":             "us-west-1",
		"oss-cn-hangzhou-finance-1-internal.aliyuncs.com": "cn-hangzhou-finance-1",
		"vpc100-oss-cn-beijing.aliyuncs.com":              "cn-beijing",
		"cn-shanghai.oss.aliyuncs.com":                    "cn-shanghai",
		"s3.oss-cn-hangzhou.aliyuncs.com":                 "cn-hangzhou",
		"s3.oss-cn-hangzhou-internal.aliyuncs.com.":       "cn-hangzhou",
		"oss-accelerate.aliyuncs.com":                     "",
		"oss-accelerate-overseas.aliyuncs.com":            "",
		"static.example.com":                              "",
		"oss-cn-hangzhou.example.com":                     "",
		"oss-cn-hangzhou.aliyuncs.com.example.com":        "",
		"oss-.aliyuncs.com":                               "",
		"bucket.oss-cn-hangzhou.aliyuncs.com":             "",
		"127.0.0.1:9000":                                  "",
		"localhost":                                       "",
		"":                                                "",
		"https://user:pw@oss-cn-hangzhou.aliyuncs.com":    "",
		"oss-cn_hangzhou.aliyuncs.com":                    "",
		"oss-cn-hangzhou.aliyuncs.com/path":               "",
	} {
		got, ok := RegionFromEndpoint(endpoint)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", endpoint, got, ok, want)
		}
	}
}

func TestNewEndpoints(t *testing.T) {
	creds := StaticCredentials("id", "secret", "")
	for name, test := range map[string]struct {
		o          Options
		host, fail string // of bucket "b"; part of the error
	}{
		"region":                 {Options{Region: "cn-hangzhou"}, "b.oss-cn-hangzhou.aliyuncs.com", ""},
		"region with oss-":       {Options{Region: "oss-cn-hangzhou"}, "b.oss-cn-hangzhou.aliyuncs.com", ""},
		"internal":               {Options{Region: "cn-hangzhou", Internal: true}, "b.oss-cn-hangzhou-internal.aliyuncs.com", ""},
		"accelerate":             {Options{Region: "cn-hangzhou", Accelerate: true}, "b.oss-accelerate.aliyuncs.com", ""},
		"dual stack":             {Options{Region: "cn-hangzhou", DualStack: true}, "b.cn-hangzhou.oss.aliyuncs.com", ""},
		"two wishes":             {Options{Region: "cn-hangzhou", DualStack: true, Internal: true}, "", "only one"},
		"derived region":         {Options{Endpoint: "oss-cn-hangzhou.aliyuncs.com"}, "b.oss-cn-hangzhou.aliyuncs.com", ""},
		"nothing":                {Options{}, "", "neither an endpoint nor a region"},
		"bad region":             {Options{Region: "CN Hangzhou"}, "", "not valid"},
		"unknown region":         {Options{Endpoint: "oss.example.com"}, "", "region of oss.example.com is not known"},
		"unknown region, V1":     {Options{Endpoint: "oss.example.com", SignatureV1: true}, "b.oss.example.com", ""},
		"unknown, anonymous":     {Options{Endpoint: "oss.example.com", Credentials: Anonymous()}, "b.oss.example.com", ""},
		"custom domain":          {Options{Endpoint: "files.example.com", Region: "cn-hangzhou", Style: StyleCNAME}, "files.example.com", ""},
		"path":                   {Options{Endpoint: "files.example.com:81", Region: "cn-hangzhou", Style: StylePath}, "files.example.com:81", ""},
		"auto IP":                {Options{Endpoint: "10.0.0.1:81", Region: "cn-hangzhou"}, "10.0.0.1:81", ""},
		"auto IPv6":              {Options{Endpoint: "[::1]:81", Region: "cn-hangzhou"}, "[::1]:81", ""},
		"auto localhost":         {Options{Endpoint: "localhost:81", Region: "cn-hangzhou"}, "localhost:81", ""},
		"virtual localhost":      {Options{Endpoint: "localhost:81", Region: "cn-hangzhou", Style: StyleVirtualHost}, "b.localhost:81", ""},
		"virtual IP":             {Options{Endpoint: "10.0.0.1", Region: "cn-hangzhou", Style: StyleVirtualHost}, "", "path style"},
		"CNAME IP":               {Options{Endpoint: "10.0.0.1", Region: "cn-hangzhou", Style: StyleCNAME}, "", "path style"},
		"unknown style":          {Options{Region: "cn-hangzhou", Style: 9}, "", "style"},
		"http":                   {Options{Endpoint: "http://oss-cn-hangzhou.aliyuncs.com"}, "", "http"},
		"http allowed":           {Options{Endpoint: "http://oss-cn-hangzhou.aliyuncs.com", AllowHTTP: true}, "b.oss-cn-hangzhou.aliyuncs.com", ""},
		"ftp":                    {Options{Endpoint: "ftp://oss-cn-hangzhou.aliyuncs.com"}, "", "scheme"},
		"path in endpoint":       {Options{Endpoint: "https://oss-cn-hangzhou.aliyuncs.com/b"}, "", "without a path"},
		"query in endpoint":      {Options{Endpoint: "https://oss-cn-hangzhou.aliyuncs.com?a=b"}, "", "without a path"},
		"userinfo":               {Options{Endpoint: "https://u:canary@oss-cn-hangzhou.aliyuncs.com"}, "", "password"},
		"broken with a password": {Options{Endpoint: "https://u:canary@ho st%zz/"}, "", "not a host name"},
		"no host":                {Options{Endpoint: "https://:80"}, "", "no host"},
		"negative timeout":       {Options{Region: "cn-hangzhou", IdleTimeout: -1}, "", "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.o.Credentials == nil {
				test.o.Credentials = creds
			}
			c, err := New(test.o)
			if test.fail != "" {
				if err == nil || !strings.Contains(err.Error(), test.fail) || strings.Contains(err.Error(), "canary") {
					t.Fatalf("got error %v, want one with %q", err, test.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Host("b"); got != test.host {
				t.Errorf("host %q, want %q", got, test.host)
			}
		})
	}
	if _, err := New(Options{Region: "cn-hangzhou"}); err == nil {
		t.Error("no error without credentials")
	}
}
