package profile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// metadataServer is a metadata service; it hands out role r with a key that is good for an hour.
type metadataServer struct {
	v1only bool   // knows no tokens
	v2only bool   // refuses plain requests
	role   string // "" = none attached
	answer string // of the role
	plain  int    // requests without a token
}

func (s *metadataServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == tokenPath {
		if s.v1only || r.Method != http.MethodPut || r.Header.Get("X-aliyun-ecs-metadata-token-ttl-seconds") == "" {
			http.Error(w, "no", http.StatusNotFound)
			return
		}
		fmt.Fprintln(w, "the-token")
		return
	}
	if r.Header.Get("X-aliyun-ecs-metadata-token") != "the-token" {
		s.plain++
		if s.v2only {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
	}
	switch {
	case r.URL.Path == rolePath && s.role != "":
		fmt.Fprintln(w, s.role)
	case r.URL.Path == rolePath+s.role && s.role != "":
		fmt.Fprint(w, s.answer)
	case r.URL.Path == regionPath:
		fmt.Fprint(w, "cn-zhangjiakou")
	default:
		http.NotFound(w, r)
	}
}

const goodAnswer = `{"Code":"Success","AccessKeyId":"STS.x","AccessKeySecret":"sec","SecurityToken":"tok","Expiration":"2026-11-23T09:00:00Z"}`

func onECS(t *testing.T, s *metadataServer) *machine {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return &machine{meta: srv.URL, http: directClient()}
}

func TestECSRole(t *testing.T) {
	for _, s := range []*metadataServer{
		{role: "uploader", answer: goodAnswer},
		{role: "uploader", answer: goodAnswer, v2only: true},
		{role: "uploader", answer: goodAnswer, v1only: true},
	} {
		p := resolve(t, onECS(t, s))
		if got := key(t, p); got != "STS.x/sec/tok" || p.Region != "cn-zhangjiakou" || p.Mode != "EcsRamRole" || p.From.Credentials != "ECS RAM role uploader" {
			t.Errorf("%s: %+v", got, p)
		}
		if !s.v1only && s.plain > 0 {
			t.Errorf("%d requests without a token", s.plain)
		}
		if end := p.Credentials.(*Provider).Expires(); !end.Equal(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) {
			t.Errorf("expires %v", end)
		}
	}
}

func TestECSRoleFaults(t *testing.T) {
	tests := []struct {
		name string
		s    metadataServer
		env  string
		want string
	}{
		{"no role", metadataServer{}, "", "answers, but has no role"},
		{"switched off", metadataServer{role: "r", answer: goodAnswer}, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true", "switched off"},
		{"plain forbidden", metadataServer{role: "r", answer: goodAnswer, v1only: true}, "ALIBABA_CLOUD_IMDSV1_DISABLED=true", "plain requests are forbidden"},
		{"hostile role", metadataServer{role: "../../x"}, "", "is not the name of a RAM role"},
		{"another role", metadataServer{role: "r", answer: goodAnswer}, "ALIBABA_CLOUD_ECS_METADATA=other", "the attached role is r, not other"},
	}
	for _, tt := range tests {
		m := onECS(t, &tt.s)
		k, v, _ := strings.Cut(tt.env, "=")
		m.env = map[string]string{k: v}
		wantError(t, m, "ECS RAM role (metadata service)", tt.want)
	}
	for answer, want := range map[string]string{
		`{"Code":"Failed\u001b[2J"}`:                                         `the answer says "Failed\x1b[2J"`,
		"<html>CANARY</html>":                                                "not the JSON object",
		`{"AccessKeyId":"i"}`:                                                "lacks AccessKeyId or AccessKeySecret",
		`{"AccessKeyId":"i","AccessKeySecret":"CANARY\n"}`:                   "a character that no key has",
		`{"AccessKeyId":"i","AccessKeySecret":"CANARY","Expiration":"soon"}`: "is not a time",
		strings.Repeat(" ", maxAnswer+1):                                     "more than 64 KiB",
		strings.Replace(goodAnswer, "2026", "2016", 1):                       "they ended at",
	} {
		p := resolve(t, onECS(t, &metadataServer{role: "r", answer: answer}))
		_, err := p.Credentials.Credentials(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%.60s: %v, want %q", answer, err, want)
		}
	}
}

// silent is a metadata address that never answers, as outside of Alibaba Cloud.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestECSPresenceTakesHalfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		m := &machine{http: &http.Client{Transport: silent{}}}
		wantError(t, m, "no answer in 0.5 s")
		if took := time.Since(start); took != presenceTimeout {
			t.Errorf("took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Resolve(ctx, m.sources()); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestCredentialsURI(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			fmt.Fprint(w, goodAnswer)
		case "/elsewhere":
			http.Redirect(w, r, "/ok", http.StatusFound)
		default:
			http.Error(w, "CANARY", http.StatusTeapot)
		}
	}))
	defer srv.Close()
	for path, want := range map[string]string{"/ok": "", "/elsewhere": "answered 302", "/no?token=CANARY": "answered 418"} {
		m := &machine{http: directClient(), env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": srv.URL + path, "OSS_REGION": "cn-hangzhou"}}
		p := resolve(t, m)
		c, err := p.Credentials.Credentials(t.Context())
		switch {
		case want == "" && (err != nil || c.AccessKeyID != "STS.x"):
			t.Errorf("%s: %v, %v", path, c, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY")):
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestProcessOfEveryFile(t *testing.T) {
	answers := map[string]string{
		"sdk": goodAnswer,
		"cli": `{"mode":"StsToken","access_key_id":"STS.x","access_key_secret":"sec","sts_token":"tok"}`,
	}
	run := func(_ context.Context, command string) ([]byte, error) { return []byte(answers[command]), nil }
	for _, m := range []*machine{
		config("[profile.a]\nregion='cn-hangzhou'\ncredential_process='sdk'\ncredential_process_timeout='30s'\n"),
		ossutil("[default]\nregion=cn-hangzhou\nmode=Process\ncredentialProcess=sdk\n"),
		aliyun(`{"current":"x","profiles":[{"name":"x","mode":"External","process_command":"cli","region_id":"cn-hangzhou"}]}`),
	} {
		m.run = run
		p := resolve(t, m)
		if got := key(t, p); got != "STS.x/sec/tok" || p.Mode != "Process" {
			t.Errorf("%s, mode %s", got, p.Mode)
		}
	}
	// It is asked once, not for every request; its time limit is told.
	calls := 0
	m := config("[profile.a]\nregion='cn-hangzhou'\ncredential_process='x'\n")
	m.run = func(ctx context.Context, _ string) ([]byte, error) {
		if calls++; calls > 1 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return []byte(goodAnswer), nil
	}
	p := resolve(t, m)
	for range 3 {
		key(t, p)
	}
	if calls != 1 {
		t.Errorf("the process ran %d times", calls)
	}
	synctest.Test(t, func(t *testing.T) {
		p := resolve(t, m)
		if _, err := p.Credentials.Credentials(t.Context()); err == nil || !strings.Contains(err.Error(), "credential_process gave no answer in 15s") {
			t.Errorf("%v", err)
		}
	})
}

func TestAliyunModes(t *testing.T) {
	past, future := "1700000000", "1900000000"
	keys := `"access_key_id":"i","access_key_secret":"s","sts_token":"t",`
	tests := []struct{ profile, key, want string }{
		{`"mode":"AK",` + keys, "i/s/", ""},
		{`"mode":"ststoken",` + keys, "i/s/t", ""},
		{`"mode":"CloudSSO",` + keys + `"sts_expiration":` + future + `,`, "i/s/t", ""},
		{`"mode":"OAuth",` + keys, "i/s/t", ""},
		{`"mode":"CloudSSO",` + keys + `"sts_expiration":` + past + `,`, "", "sign in again"},
		{`"mode":"CloudSSO",`, "", "not signed in"},
		{`"mode":"StsToken","access_key_id":"i","access_key_secret":"s",`, "", "no sts_token"},
		{`"mode":"Anonymous",`, "//", ""},
		{`"mode":"External",`, "", "no command"},
		{`"mode":"CredentialsURI","credentials_uri":"ftp://x",`, "", "credentials URI is not"},
		{`"mode":"RamRoleArn",` + keys, "", "credential_process"},
		{`"mode":"ChainableRamRoleArn",`, "", `mode "ChainableRamRoleArn" is not supported`},
		{`"mode":"OIDC",`, "", "is not supported"},
		{`"mode":"BearerToken\u001b[2J",`, "", `\x1b[2J`},
	}
	for _, tt := range tests {
		m := aliyun(`{"current":"d","profiles":[{"name":"other"},{` + tt.profile + `"name":"d","region_id":"cn-hangzhou"}]}`)
		if tt.want != "" {
			wantError(t, m, tt.want, "~/.aliyun/config.json")
			m.flags.Profile = "d" // by name: the same error, at once
			wantError(t, m, "")
			continue
		}
		p := resolve(t, m)
		if got := key(t, p); got != tt.key {
			t.Errorf("%s: %q, want %q", tt.profile, got, tt.key)
		}
		provider, is := p.Credentials.(*Provider)
		if told := is && !provider.Ends().IsZero(); told != strings.Contains(tt.profile, future) {
			t.Errorf("%s: its end is told: %v", tt.profile, told)
		}
	}
	for text, want := range map[string]string{
		"{\n\"current\": CANARY}":           "config.json:2: not valid JSON",
		"{\n\n\"profiles\":{\"CANARY\":1}}": `config.json:3: the value of "profiles" is not of the right kind`,
		"":                                  "config.json:1: not valid JSON",
		`{"current":"x","profiles":[]}`:     "found, but no such profile",
	} {
		if err := wantError(t, aliyun(text), want); strings.Contains(err.Error(), "CANARY") {
			t.Errorf("leak: %v", err)
		}
	}
}
