package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"partway/ossapi"
)

// everywhere is a machine on which every place says everything, each with its own mark.
func everywhere() *machine {
	return &machine{
		flags: Flags{Region: "flag-1", Endpoint: "flag.example.com", Style: "cname"},
		env: map[string]string{
			"OSS_ACCESS_KEY_ID": "oss", "OSS_ACCESS_KEY_SECRET": "s", "OSS_SESSION_TOKEN": "t", "OSS_REGION": "env-1", "OSS_ENDPOINT": "env.example.com",
			"ALIBABA_CLOUD_ACCESS_KEY_ID": "ali", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s", "ALIBABA_CLOUD_SECURITY_TOKEN": "t", "ALIBABA_CLOUD_REGION_ID": "env-2",
		},
		files: map[string]fakeFile{
			configPath:  file("default='ops'\n[profile.ops]\naccess_key_id='toml'\naccess_key_secret='s'\nsecurity_token='t'\nregion='toml-1'\nendpoint='toml.example.com'\nstyle='virtual'\n"),
			ossutilPath: file("[default]\naccessKeyID=ini\naccessKeySecret=s\nstsToken=t\nregion=ini-1\nendpoint=ini.example.com\naddressingStyle=path\n"),
			aliyunPath:  file(`{"current":"d","profiles":[{"name":"d","mode":"StsToken","access_key_id":"json","access_key_secret":"s","sts_token":"t","region_id":"json-1"}]}`),
		},
	}
}

// TestPrecedence takes one place away after the other, and looks who is next, value by value.
func TestPrecedence(t *testing.T) {
	m := everywhere()
	steps := []struct {
		remove                       func()
		key, region, endpoint, style string
		name                         string
	}{
		{func() {}, "oss", "flag-1", "flag", "cname", "ops"},
		{func() { m.flags.Region = "" }, "oss", "env-1", "flag", "cname", "ops"},
		{func() { m.flags.Endpoint, m.flags.Style = "", "" }, "oss", "env-1", "env", "virtual", "ops"},
		{func() { delete(m.env, "OSS_REGION") }, "oss", "env-2", "env", "virtual", "ops"},
		{func() { delete(m.env, "OSS_ACCESS_KEY_ID"); delete(m.env, "OSS_ACCESS_KEY_SECRET") }, "ali", "env-2", "env", "virtual", "ops"},
		{func() { delete(m.env, "ALIBABA_CLOUD_REGION_ID") }, "ali", "toml-1", "env", "virtual", "ops"},
		{func() { delete(m.env, "OSS_ENDPOINT") }, "ali", "toml-1", "toml", "virtual", "ops"},
		{func() { clear(m.env) }, "toml", "toml-1", "toml", "virtual", "ops"},
		{func() { delete(m.files, configPath) }, "ini", "ini-1", "ini", "path", "default"},
	}
	for i, step := range steps {
		step.remove()
		p := resolve(t, m)
		if got, want := key(t, p), step.key+"/s/t"; got != want {
			t.Errorf("step %d: key %q, want %q", i, got, want)
		}
		if p.Region != step.region || p.Endpoint != "https://"+step.endpoint+".example.com" || p.Style.String() != step.style || p.Name != step.name {
			t.Errorf("step %d: %q %q %q %v, want %+v", i, p.Name, p.Region, p.Endpoint, p.Style, step)
		}
	}
	delete(m.files, ossutilPath)
	if p := resolve(t, m); key(t, p) != "json/s/t" || p.Region != "json-1" || p.Endpoint != "" || p.Name != "d" {
		t.Errorf("aliyun: %+v", p)
	}
}

func TestPrecedenceOfANamedProfile(t *testing.T) {
	m := everywhere()
	m.flags = Flags{Profile: "ops"}
	p := resolve(t, m)
	if key(t, p) != "toml/s/t" || p.Region != "toml-1" || p.Endpoint != "https://toml.example.com" {
		t.Errorf("--profile does not beat the environment: %+v", p)
	}
	m.flags = Flags{}
	m.env["PARTWAY_PROFILE"] = "ops"
	if p = resolve(t, m); key(t, p) != "oss/s/t" || !hasWarning(p, "--profile ops") {
		t.Errorf("PARTWAY_PROFILE is of the environment, whose keys come first, with a warning: %q", p.Warnings)
	}
	m.env = map[string]string{}
	m.flags = Flags{Profile: "d"}
	if p = resolve(t, m); key(t, p) != "json/s/t" || p.Endpoint != "" {
		t.Errorf("profile d takes values of files that do not have it: %+v", p)
	}
	m.flags = Flags{Profile: "nobody"}
	err := wantError(t, m, `no profile named "nobody"`, "d, default, ops")
	var unknown *UnknownProfileError
	if !errors.As(err, &unknown) || len(unknown.Known) != 3 {
		t.Errorf("%#v", err)
	}
	// A half set pair is not completed from another place.
	m.flags = Flags{}
	m.env = map[string]string{"OSS_ACCESS_KEY_ID": "half"}
	if p = resolve(t, m); key(t, p) != "toml/s/t" {
		t.Errorf("key %q", key(t, p))
	}
}

func TestAccessKeyIDFlag(t *testing.T) {
	m := everywhere()
	m.flags = Flags{AccessKeyID: "ini"}
	if p := resolve(t, m); p.AccessKeyID != "ini" {
		t.Errorf("key %q", p.AccessKeyID)
	}
	m.flags.AccessKeyID = "other"
	wantError(t, m, "not of --access-key-id")
	delete(m.env, "OSS_ACCESS_KEY_ID")
	if p := resolve(t, m); key(t, p) != "other/s/t" {
		t.Errorf("the secret of the environment does not join the id of the flag")
	}
}

func TestEnvironment(t *testing.T) {
	tests := []struct {
		name string
		env  string // K=V pairs
		want string // key@region, or the words of an error
		bad  bool
	}{
		{name: "oss", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s OSS_REGION=cn-hangzhou", want: "i/s/@cn-hangzhou"},
		{name: "region from endpoint", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s OSS_SESSION_TOKEN=t OSS_ENDPOINT=oss-cn-beijing.aliyuncs.com", want: "i/s/t@cn-beijing"},
		{name: "alibaba", env: "ALIBABA_CLOUD_ACCESS_KEY_ID=i ALIBABA_CLOUD_ACCESS_KEY_SECRET=s ALIBABA_CLOUD_REGION_ID=cn-hangzhou", want: "i/s/@cn-hangzhou"},
		{name: "ours before oss", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s OSS_REGION=a-1 PARTWAY_REGION=b-2", want: "i/s/@b-2"},
		{name: "half a pair", env: "OSS_ACCESS_KEY_ID=i OSS_REGION=a-1", want: "only the id is set", bad: true},
		{name: "other half", env: "ALIBABA_CLOUD_ACCESS_KEY_SECRET=CANARY OSS_REGION=a-1", want: "only the secret is set", bad: true},
		{name: "broken secret", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=CAN\nARY OSS_REGION=a-1", want: "set, but damaged", bad: true},
		{name: "no region", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s", want: "--region cn-hangzhou", bad: true},
		{name: "bad region", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s OSS_REGION=../x", want: "region of environment", bad: true},
		{name: "accelerate tells no region", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s OSS_ENDPOINT=oss-accelerate.aliyuncs.com", want: "does not tell its region", bad: true},
		{name: "bad uri", env: "ALIBABA_CLOUD_CREDENTIALS_URI=http://u:CANARY@h/ OSS_REGION=a-1", want: "set, but not an address", bad: true},
		{name: "contradiction", env: "OSS_ACCESS_KEY_ID=i OSS_ACCESS_KEY_SECRET=s OSS_REGION=cn-beijing OSS_ENDPOINT=oss-cn-hangzhou.aliyuncs.com", want: "different regions", bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{env: map[string]string{}}
			for pair := range strings.SplitSeq(tt.env, " ") {
				k, v, _ := strings.Cut(pair, "=")
				m.env[k] = v
			}
			if tt.bad {
				if err := wantError(t, m, tt.want); strings.Contains(err.Error(), "CANARY") {
					t.Errorf("leak: %v", err)
				}
				return
			}
			p := resolve(t, m)
			if got := key(t, p) + "@" + p.Region; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRegionAgainstEndpoint(t *testing.T) {
	keys := "access_key_id='i'\naccess_key_secret='s'\n"
	m := config("[profile.a]\n" + keys + "endpoint='oss-cn-hangzhou-internal.aliyuncs.com'\n")
	m.flags.Region = "cn-beijing"
	if p := resolve(t, m); p.Endpoint != "" || p.Region != "cn-beijing" || !hasWarning(p, "not used") {
		t.Errorf("a region of a higher place does not replace the endpoint: %+v", p)
	}
	m = config("[profile.a]\n" + keys + "region='cn-beijing'\n")
	m.flags.Endpoint = "oss-cn-hangzhou.aliyuncs.com"
	if p := resolve(t, m); p.Region != "cn-hangzhou" || !hasWarning(p, "not used") {
		t.Errorf("an endpoint of a higher place does not replace the region: %+v", p)
	}
	// Keys of one file are not sent to a server that another file names.
	m = config("[profile.a]\n" + keys + "region='cn-beijing'\n")
	m.files[ossutilPath] = file("[default]\nendpoint=evil.example.com\n")
	if p := resolve(t, m); p.Endpoint != "" || !hasWarning(p, "evil.example.com", "not used") {
		t.Errorf("endpoint %q, warnings %q", p.Endpoint, p.Warnings)
	}
	// --internal and --accelerate choose another endpoint of the same region.
	m = config("[profile.a]\n" + keys + "endpoint='oss-cn-hangzhou.aliyuncs.com'\n")
	m.flags.Internal = true
	if o := resolve(t, m).ClientOptions("b"); o.Endpoint != "" || !o.Internal || o.Region != "cn-hangzhou" {
		t.Errorf("--internal: %q %v %q", o.Endpoint, o.Internal, o.Region)
	}
	m.flags.Accelerate = true
	wantError(t, m, "exclude each other")
	m = config("[profile.a]\n" + keys + "endpoint='files.example.com'\nregion='cn-hangzhou'\n")
	m.flags.Internal = true
	wantError(t, m, "no internal or accelerate form")
	m.flags = Flags{Style: "cname", Region: "cn-hangzhou"}
	m.files[configPath] = file("[profile.a]\n" + keys)
	wantError(t, m, "cname needs the endpoint")
	m.flags = Flags{Style: "sideways", Region: "cn-hangzhou"}
	wantError(t, m, "style of flags", "auto, virtual, path or cname")
	m = config("[profile.a]\n" + keys + "endpoint='http://localhost:9000'\n")
	if o := resolve(t, m).ClientOptions("b"); !o.AllowHTTP || o.Region == "" {
		t.Errorf("a local endpoint over http is refused: %+v", o)
	}
	m = config("[profile.a]\n" + keys + "endpoint='http://files.example.com'\nregion='cn-hangzhou'\n")
	wantError(t, m, `endpoint of ~/.config/partway/config.toml [a]`, "without encryption", "--allow-http")
	m.flags.AllowHTTP = true
	if p := resolve(t, m); !p.AllowHTTP || !hasWarning(p, "cname") {
		t.Errorf("%+v", p)
	}
}

// TestNoSecretIsPrinted plants secrets in every place and looks for them in all that can be printed.
func TestNoSecretIsPrinted(t *testing.T) {
	const canary = "CANARY"
	base := everywhere()
	for k := range base.env {
		if strings.Contains(k, "SECRET") || strings.Contains(k, "TOKEN") {
			base.env[k] = canary + k
		}
	}
	base.files[configPath] = file(strings.NewReplacer("secret='s'", "secret='"+canary+"'", "token='t'", "token='"+canary+"'").Replace(base.files[configPath].text))
	base.files[ossutilPath] = file(strings.NewReplacer("Secret=s", "Secret="+canary, "Token=t", "Token="+canary).Replace(base.files[ossutilPath].text) + "proxy=http://u:" + canary + "@p.example.com\n")
	base.files[aliyunPath] = file(strings.NewReplacer(`secret":"s"`, `secret":"`+canary+`"`, `token":"t"`, `token":"`+canary+`"`).Replace(base.files[aliyunPath].text))
	for _, profile := range []string{"", "ops", "default", "d"} {
		m := *base
		m.env = maps.Clone(base.env)
		m.flags = Flags{Profile: profile, Region: "cn-hangzhou"}
		p := resolve(t, &m)
		if !strings.Contains(key(t, p), canary) {
			t.Fatalf("profile %q: no canary in the key, the test proves nothing", profile)
		}
		o := p.ClientOptions("b")
		js, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		list, err := List(m.sources())
		if err != nil {
			t.Fatal(err)
		}
		c, _ := p.Credentials.Credentials(t.Context())
		printed := string(js)
		for _, v := range []any{p, &p, p.Credentials, o, list, c} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				printed += fmt.Sprintf(verb, v)
			}
		}
		for _, hex := range []string{canary, fmt.Sprintf("%x", canary)} {
			if i := strings.Index(printed, hex); i >= 0 {
				t.Errorf("profile %q: secret in %q", profile, printed[max(0, i-80):i+10])
			}
		}
	}
}

func TestClientOptionsPassTheCheckOfTheClient(t *testing.T) {
	c, err := ossapi.New(resolve(t, everywhere()).ClientOptions("b"))
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestList(t *testing.T) {
	m := everywhere()
	list, err := List(m.sources())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%v", s.Name, s.Place, s.Region, s.Mode, s.Default))
	}
	want := []string{
		"ops|~/.config/partway/config.toml|toml-1|StsToken|true", "default|~/.ossutilconfig|ini-1|StsToken|true",
		"d|~/.aliyun/config.json|json-1|StsToken|true", "|environment|env-1|StsToken|true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	m.files[configPath] = fakeFile{text: "x", mode: 0o644}
	if list, err = List(m.sources()); err == nil || len(list) != 3 {
		t.Errorf("a faulty config.toml: %d profiles, error %v", len(list), err)
	}
}
