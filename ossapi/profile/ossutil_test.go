package profile

import (
	"errors"
	"strings"
	"testing"

	"partway/ossapi"
)

func TestOssutilForms(t *testing.T) {
	tests := []struct {
		name, text string
		profile    string
		key        string
		region     string
		endpoint   string
		style      ossapi.AddressingStyle
	}{
		{name: "v1 as ossutil writes it", text: "[Credentials]\nlanguage=EN\nendpoint=oss-cn-hangzhou.aliyuncs.com\naccessKeyID=id\naccessKeySecret=sec\n",
			key: "id/sec/", region: "cn-hangzhou", endpoint: "https://oss-cn-hangzhou.aliyuncs.com"},
		{name: "v1 host, access_id, access_key", text: "[Credentials]\nhost = oss-cn-beijing-internal.aliyuncs.com\naccess_id = id\naccess_key = sec\nststoken = tok\n",
			key: "id/sec/tok", region: "cn-beijing", endpoint: "https://oss-cn-beijing-internal.aliyuncs.com"},
		{name: "v1 accessid, accesskey, CRLF, BOM, colon", text: "\xef\xbb\xbf[Credentials]\r\nendpoint: oss-cn-hangzhou.aliyuncs.com\r\naccessid: id\r\naccesskey: sec\r\n",
			key: "id/sec/", region: "cn-hangzhou", endpoint: "https://oss-cn-hangzhou.aliyuncs.com"},
		{name: "v1 with its [Default] of time limits", text: "[Credentials]\naccess-key-id=id\naccess-key-secret=sec\nendpoint=oss-cn-hangzhou.aliyuncs.com\n[Default]\nloglevel=info\nretryTimes=3\n",
			key: "id/sec/", region: "cn-hangzhou", endpoint: "https://oss-cn-hangzhou.aliyuncs.com"},
		{name: "v1 http of OSS becomes https", text: "[Credentials]\nendpoint=http://oss-cn-hangzhou.aliyuncs.com\naccessKeyID=id\naccessKeySecret=sec\n",
			key: "id/sec/", region: "cn-hangzhou", endpoint: "https://oss-cn-hangzhou.aliyuncs.com"},
		{name: "v2 default, quotes and comments", text: "# mine\n[default]\naccessKeyID = \"id\"\naccessKeySecret = 'sec' # now\nregion=cn-hangzhou\n",
			key: "id/sec/", region: "cn-hangzhou"},
		{name: "v2 snake case, full form of the name", text: "[Profile Default]\naccess_key_id=id\naccess_key_secret=a=b;c#d\nREGION=oss-cn-hangzhou\naddressing_style=path\nendpoint=127.0.0.1:9000\n",
			key: "id/a=b;c#d/", region: "cn-hangzhou", endpoint: "https://127.0.0.1:9000", style: ossapi.StylePath},
		{name: "v2 kebab case, token", text: "[default]\naccess-key-id=id\naccess-key-secret=sec\nsts-token=tok\nregion=cn-hangzhou\n",
			key: "id/sec/tok", region: "cn-hangzhou"},
		{name: "v2 mode AK leaves a stale token out", text: "[default]\nmode=ak\naccesskeyid=id\naccesskeysecret=sec\nststoken=old\nregion=cn-hangzhou\n",
			key: "id/sec/", region: "cn-hangzhou"},
		{name: "v2 named, inherits", profile: "DEV", text: "[profile cred]\naccess-key-id=id\naccess-key-secret=sec\nregion=cn-beijing\n[profile dev]\nregion=cn-hangzhou\nsource-profile=cred\n",
			key: "id/sec/", region: "cn-hangzhou"},
		{name: "v2 over v1 in one file", text: "[Credentials]\naccessKeyID=old\naccessKeySecret=old\nendpoint=oss-cn-hangzhou.aliyuncs.com\n[default]\naccessKeyID=id\naccessKeySecret=sec\nregion=cn-hangzhou\n",
			key: "id/sec/", region: "cn-hangzhou", endpoint: "https://oss-cn-hangzhou.aliyuncs.com"},
		{name: "v2 anonymous", text: "[default]\nmode=Anonymous\nregion=cn-hangzhou\n", key: "//", region: "cn-hangzhou"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := ossutil(tt.text)
			m.flags.Profile = tt.profile
			p := resolve(t, m)
			if got := key(t, p); got != tt.key {
				t.Errorf("key %q, want %q", got, tt.key)
			}
			if p.Region != tt.region || p.Endpoint != tt.endpoint || p.Style != tt.style {
				t.Errorf("region %q endpoint %q style %v, want %q %q %v", p.Region, p.Endpoint, p.Style, tt.region, tt.endpoint, tt.style)
			}
			if !strings.HasPrefix(p.From.Credentials, "~/.ossutilconfig [") {
				t.Errorf("credentials from %q", p.From.Credentials)
			}
		})
	}
}

func TestOssutilModes(t *testing.T) {
	tests := []struct{ text, mode, missing string }{
		{"[default]\nmode=EcsRamRole\necsRoleName=r\nregion=cn-hangzhou\n", "EcsRamRole", ""},
		{"[default]\nmode=Ali-EcsRamRole\nregion=cn-hangzhou\n", "EcsRamRole", ""},
		{"[default]\nmode=Process\ncredentialProcess=\"cmd x\"\nregion=cn-hangzhou\n", "Process", ""},
		{"[default]\ncredential_process=cmd\nregion=cn-hangzhou\n", "Process", ""},
		{"[default]\ncredentialUri=http://127.0.0.1:7/c\nregion=cn-hangzhou\n", "CredentialsURI", ""},
		{"[default]\nmode=StsToken\naccessKeyID=i\naccessKeySecret=s\nregion=cn-hangzhou\n", "", "mode StsToken, but no stsToken"},
		{"[default]\nmode=RamRoleArn\naccessKeyID=i\naccessKeySecret=s\nregion=cn-hangzhou\n", "", "credential_process"},
		{"[default]\nmode=oidcRoleArn\nregion=cn-hangzhou\n", "", `mode "oidcRoleArn" is not supported`},
		{"[default]\nmode=Process\nregion=cn-hangzhou\n", "", "no command"},
		{"[default]\naccessKeyID=i\nregion=cn-hangzhou\n", "", "has accessKeyID, but no accessKeySecret"},
		{"[Credentials]\nlanguage=EN\n[AkService]\necsAk=http://100.100.100.200/latest/meta-data/Ram/security-credentials/r\n[Default]\nloglevel=off\n[Bucket-Endpoint]\nb=oss-cn-hangzhou.aliyuncs.com\n", "EcsRamRole", ""},
		{"[Credentials]\nmode=RamRoleArn\n", "", "not supported"},
		{"[Credentials]\nlanguage=EN\n", "", "found, but no accessKeyID in it"},
	}
	for _, tt := range tests {
		m := ossutil(tt.text)
		if tt.missing != "" {
			wantError(t, m, tt.missing, "~/.ossutilconfig")
			continue
		}
		if p := resolve(t, m); p.Mode != tt.mode {
			t.Errorf("%q: mode %q, want %q", tt.text, p.Mode, tt.mode)
		}
	}
}

func TestOssutilMalformed(t *testing.T) {
	tests := []struct{ text, want string }{
		{"[default]\naccessKeySecretCANARY\n", ":2: the line is neither"},
		{"a=CANARY\n", ":1: the line stands before"},
		{"[default\nCANARY=1", ":1: the section has no closing ]"},
		{"[default]\n\nk=CANARY\x00\n", ":3: the line is not text"},
		{"[default]\n= CANARY\n", ":2: the line is neither"},
		{"[default]\nregion=r\nsource_profile=none\n", `:3: source_profile "none" is not in the file`},
		{"[default]\nsource_profile=a\n[profile a]\nsource_profile=default\n", ":4: source_profile leads in a circle"},
	}
	for _, tt := range tests {
		err := wantError(t, ossutil(tt.text), "~/.ossutilconfig"+tt.want)
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("error quotes the file: %v", err)
		}
		var fe *FileError
		if !errors.As(err, &fe) || fe.Line == 0 {
			t.Errorf("%q: no FileError with a line in %v", tt.text, err)
		}
	}
	// With credentials from elsewhere it is a warning.
	m := ossutil("[default\n")
	m.env = map[string]string{"OSS_ACCESS_KEY_ID": "i", "OSS_ACCESS_KEY_SECRET": "s", "OSS_REGION": "cn-hangzhou"}
	if p := resolve(t, m); key(t, p) != "i/s/" {
		t.Error("a broken file of another tool hides the environment")
	}
}

func TestBucketOverrides(t *testing.T) {
	v1 := "[Credentials]\nendpoint=oss-cn-hangzhou.aliyuncs.com\naccessKeyID=i\naccessKeySecret=s\n" +
		"[Bucket-Cname]\nmedia=files.example.com\n[Bucket-Endpoint]\nmedia=oss-cn-shanghai.aliyuncs.com\nlogs=oss-cn-beijing-internal.aliyuncs.com\nbad=oss/x\n"
	v2 := "[default]\nendpoint=oss-cn-hangzhou.aliyuncs.com\naccessKeyID=i\naccessKeySecret=s\nbuckets=Mine\n[buckets mine]\n" +
		"media =\n  endpoint=files.example.com\n  addressing-style=cname\nlogs = endpoint=oss-cn-beijing-internal.aliyuncs.com\nregional=\n\tregion=cn-beijing\n"
	own := "[profile.a]\nendpoint='oss-cn-hangzhou.aliyuncs.com'\naccess_key_id='i'\naccess_key_secret='s'\n[profile.a.buckets.media]\nendpoint='files.example.com'\nstyle='cname'\n" +
		"[profile.a.buckets.logs]\nendpoint='oss-cn-beijing-internal.aliyuncs.com'\n[profile.a.buckets.regional]\nregion='cn-beijing'\n"
	tests := []struct {
		name string
		m    *machine
	}{{"v1", ossutil(v1)}, {"v2", ossutil(v2)}, {"config.toml", config(own)}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := resolve(t, tt.m)
			if o := p.ClientOptions("media"); o.Endpoint != "https://files.example.com" || o.Style != ossapi.StyleCNAME || o.Region != "cn-hangzhou" {
				t.Errorf("media: %q %v %q", o.Endpoint, o.Style, o.Region)
			}
			if o := p.ClientOptions("logs"); o.Endpoint != "https://oss-cn-beijing-internal.aliyuncs.com" || o.Region != "cn-beijing" || o.Internal {
				t.Errorf("logs: %q %q", o.Endpoint, o.Region)
			}
			if o := p.ClientOptions("other"); o.Endpoint != "https://oss-cn-hangzhou.aliyuncs.com" || o.Region != "cn-hangzhou" {
				t.Errorf("other: %q %q", o.Endpoint, o.Region)
			}
			if o := p.ClientOptions("regional"); tt.name != "v1" && (o.Endpoint != "" || o.Region != "cn-beijing") {
				t.Errorf("regional: %q %q", o.Endpoint, o.Region)
			}
			if tt.name == "v1" && !hasWarning(p, "bad", "path") {
				t.Errorf("no warning of the bad override: %q", p.Warnings)
			}
			flagged := *tt.m
			flagged.flags.Endpoint = "oss-cn-shenzhen.aliyuncs.com"
			if o := resolve(t, &flagged).ClientOptions("media"); o.Endpoint != "https://oss-cn-shenzhen.aliyuncs.com" || o.Style != ossapi.StyleAuto {
				t.Errorf("--endpoint does not beat the override: %q %v", o.Endpoint, o.Style)
			}
		})
	}
	// Only buckets know their region: no error, and each bucket has its own.
	only := ossutil("[Credentials]\naccessKeyID=i\naccessKeySecret=s\n[Bucket-Endpoint]\nlogs=oss-cn-beijing.aliyuncs.com\n")
	if o := resolve(t, only).ClientOptions("logs"); o.Region != "cn-beijing" {
		t.Errorf("region %q", o.Region)
	}
}

func TestOssutilProxy(t *testing.T) {
	p := resolve(t, ossutil("[Credentials]\naccessKeyID=i\naccessKeySecret=s\nendpoint=oss-cn-hangzhou.aliyuncs.com\n[Default]\nproxyHost=proxy.example.com:3128\nproxyUser=u\nproxyPwd=CANARY\n"))
	u, err := p.ClientOptions("").Proxy(nil)
	if err != nil || u.String() != "http://u:CANARY@proxy.example.com:3128" {
		t.Errorf("proxy %v, %v", u, err)
	}
	if p.Proxy != "http://u:xxxxx@proxy.example.com:3128" {
		t.Errorf("shown as %q", p.Proxy)
	}
	p = resolve(t, config("[profile.a]\nregion='cn-hangzhou'\nproxy='none'\nmode='Anonymous'\n"))
	if u, err := p.ClientOptions("").Proxy(nil); u != nil || err != nil {
		t.Errorf("proxy none gives %v, %v", u, err)
	}
	wantError(t, config("[profile.a]\nregion='cn-hangzhou'\nproxy='CANARY'\nmode='Anonymous'\n"), "proxy of")
}
