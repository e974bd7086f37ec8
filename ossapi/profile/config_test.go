package profile

import (
	"strings"
	"testing"
)

func TestConfigSettings(t *testing.T) {
	p := resolve(t, config(`
default = "ops"
[ui]
theme = "dark"
[keys]
abort = "X"
[profile.lab]
mode = "Anonymous"
[profile.ops]
region = "cn-hangzhou"
bucket = "backup-prod"
access_key_id = "i"
access_key_secret = "s"
protect = true
read_only = true
part_size = "32MiB"
parts = 4
files = 3
limit = "20M/s"
storage_class = "IA"
price_gib_month = 0.0173
internal = true
signature = "v1"
`))
	want := Settings{Bucket: "backup-prod", Protect: true, ReadOnly: true, PartSize: 32 << 20, Parts: 4, Files: 3, Limit: 20 << 20, StorageClass: "IA", PriceGiBMonth: 0.0173}
	got := p.Settings
	if got.UI["theme"] != "dark" || got.Keys["abort"] != "X" {
		t.Errorf("ui %v, keys %v", got.UI, got.Keys)
	}
	got.UI, got.Keys = nil, nil
	if got.Bucket != want.Bucket || got.PartSize != want.PartSize || got.Limit != want.Limit || !got.Protect || !got.ReadOnly ||
		got.Parts != 4 || got.Files != 3 || got.StorageClass != "IA" || got.PriceGiBMonth != want.PriceGiBMonth {
		t.Errorf("settings %+v, want %+v", got, want)
	}
	if o := p.ClientOptions(""); !o.Internal || !o.SignatureV1 || p.Name != "ops" || p.From.Settings != "~/.config/partway/config.toml [ops]" {
		t.Errorf("%+v", p)
	}
}

func TestConfigFaults(t *testing.T) {
	head := "[profile.a]\nregion='cn-hangzhou'\naccess_key_id='i'\naccess_key_secret='CANARY'\n"
	tests := []struct{ text, want string }{
		{head + "protekt = true\n", `:5: unknown key "profile.a.protekt"`},
		{"defualt='a'\n" + head, `:1: unknown key "defualt"`},
		{head + "parts = 'four'\n", ":5: "},
		{"[profile.a]\naccess_key_secret = CANARY\n", ":2: not valid TOML"},
		{"[profile.a]\naccess_key_secret = ['CANARY']\n", ":2: "},
		{"[profile.a\n", ":1: not valid TOML"},
		{"default='b'\n" + head, `default = "b" is not one of its profiles`},
		{head + "part_size='64K'\n", "part_size: \"64K\" is not between 100KiB and 5GiB"},
		{head + "part_size='big'\n", "is not a size"},
		{head + "limit='-1M'\n", "limit: "},
		{head + "parts=-1\n", "parts: -1"},
		{head + "files=100000\n", "files: 100000"},
		{head + "price_gib_month=nan\n", "price_gib_month"},
		{head + "signature='v2'\n", `signature: "v2" is neither`},
		{head + "credential_process_timeout='1h'\n", "credential_process_timeout"},
		{head + "mode='StsToken'\n", "security_token: mode StsToken needs one"},
		{head + "mode='Process'\n", "credential_process: mode Process needs one"},
		{head + "mode='CredentialsURI'\n", "credentials_uri: "},
		{head + "mode='RamRoleArn'\n", `mode "RamRoleArn" is not supported here; give a credential_process`},
		{"[profile.a]\naccess_key_secret='CANARY'\n", "has access_key_secret, but no access_key_id"},
		{"[profile.a]\naccess_key_id='i'\naccess_key_secret='CAN ARY'\n", "a character that no key has"},
	}
	for _, tt := range tests {
		err := wantError(t, config(tt.text), "~/.config/partway/config.toml", tt.want)
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("leak: %v", err)
		}
	}
	m := config(head)
	m.flags.Config = "~/elsewhere.toml"
	wantError(t, m, "~/elsewhere.toml: not there", "--config")
	two := config("[profile.a]\n[profile.b]\n")
	wantError(t, two, "found, but no default in it")
}

func TestConfigPath(t *testing.T) {
	m := &machine{}
	for _, tt := range []struct{ flag, env, xdg, want string }{
		{want: configPath},
		{xdg: "relative", want: configPath},
		{xdg: "/x", want: "/x/partway/config.toml"},
		{xdg: "/x", env: "~/e.toml", want: "/home/u/e.toml"},
		{xdg: "/x", env: "~/e.toml", flag: "f.toml", want: "f.toml"},
	} {
		m.flags.Config, m.env = tt.flag, map[string]string{"PARTWAY_CONFIG": tt.env, "XDG_CONFIG_HOME": tt.xdg}
		if got := m.sources().ConfigPath(); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
	if got := (Sources{}).ConfigPath(); got != "" {
		t.Errorf("without a home: %q", got)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "0": 0, "4096": 4096, "32MiB": 32 << 20, "32m": 32 << 20, "32 MB": 32 << 20, "1.5G": 3 << 29, "1t": 1 << 40, "10b": 10} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "-1", "1q", "M", "1mm", "nan", "inf", "9e18k", "1 2M"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}
