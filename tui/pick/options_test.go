package pick

import (
	"reflect"
	"strings"
	"testing"

	"partway/model"
)

func TestTextsRoundTrip(t *testing.T) {
	limit, none := 20*model.MiB, int64(0)
	for _, o := range []Options{
		{},
		{Prefix: "a/b/", Flat: true, Limit: &limit, Send: model.SendOptions{PartSize: 32 * model.MiB, Parts: 4, NoMD5: true, Paused: true},
			Write: model.WriteOptions{ContentType: "text/plain; charset=utf-8", StorageClass: "IA", ACL: "private", IfExists: model.IfExistsSkip,
				Metadata: map[string]string{"owner": "media team", "q": `it's "x" \ $`, "empty": ""}, Tags: map[string]string{"a": "b c"}}},
		{Limit: &none, Send: model.SendOptions{PartSize: 102401}},
	} {
		got, wrong := o.Text().Options(100 * model.MiB)
		if wrong.Any() || !reflect.DeepEqual(got, o) {
			t.Errorf("%+v\ncomes back as\n%+v\nwrong: %+v", o, got, wrong)
		}
	}
}

func TestTextsErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*Texts)
		wrong   func(Errors) string
		largest int64
		says    string
	}{
		{"part size too small names the nearest", func(t *Texts) { t.PartSize = "20K" }, func(e Errors) string { return e.PartSize }, 0, "100 KiB"},
		{"part size 0", func(t *Texts) { t.PartSize = "0" }, func(e Errors) string { return e.PartSize }, 0, "100 KiB"},
		{"too many parts names the nearest", func(t *Texts) { t.PartSize = "1M" }, func(e Errors) string { return e.PartSize }, 100 * model.GiB, "nearest legal part size is"},
		{"part size too large", func(t *Texts) { t.PartSize = "6G" }, func(e Errors) string { return e.PartSize }, 0, "5 GiB"},
		{"no size", func(t *Texts) { t.PartSize = "big" }, func(e Errors) string { return e.PartSize }, 0, "not a size"},
		{"parts", func(t *Texts) { t.Parts = "0" }, func(e Errors) string { return e.Parts }, 0, "1 to 1024"},
		{"parts in words", func(t *Texts) { t.Parts = "many" }, func(e Errors) string { return e.Parts }, 0, "1 to 1024"},
		{"limit", func(t *Texts) { t.Limit = "-1" }, func(e Errors) string { return e.Limit }, 0, "size"},
		{"prefix with a slash in front", func(t *Texts) { t.Prefix = "/a/" }, func(e Errors) string { return e.Prefix }, 0, "begins with"},
		{"prefix too long", func(t *Texts) { t.Prefix = strings.Repeat("x", 1023) }, func(e Errors) string { return e.Prefix }, 0, "at most 1023"},
		{"content type", func(t *Texts) { t.ContentType = "a\nb" }, func(e Errors) string { return e.ContentType }, 0, "control"},
		{"metadata without =", func(t *Texts) { t.Metadata = "owner" }, func(e Errors) string { return e.Metadata }, 0, "name=value"},
		{"metadata name", func(t *Texts) { t.Metadata = "ow_ner=x" }, func(e Errors) string { return e.Metadata }, 0, "letters"},
		{"metadata value", func(t *Texts) { t.Metadata = `a=$'x\r\nInjected:\ y'` }, func(e Errors) string { return e.Metadata }, 0, "control"},
		{"metadata twice", func(t *Texts) { t.Metadata = "a=1 a=2" }, func(e Errors) string { return e.Metadata }, 0, "twice"},
		{"metadata too large", func(t *Texts) { t.Metadata = "a=" + strings.Repeat("x", 8192) }, func(e Errors) string { return e.Metadata }, 0, "8 KiB"},
		{"eleven tags", func(t *Texts) { t.Tags = "a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1" }, func(e Errors) string { return e.Tags }, 0, "at most 10"},
		{"tag characters", func(t *Texts) { t.Tags = "a=!" }, func(e Errors) string { return e.Tags }, 0, "only"},
		{"tag length", func(t *Texts) { t.Tags = strings.Repeat("k", 129) + "=" }, func(e Errors) string { return e.Tags }, 0, "128"},
	} {
		t.Run(c.name, func(t *testing.T) {
			texts := Options{}.Text()
			c.change(&texts)
			_, wrong := texts.Options(c.largest)
			if got := c.wrong(wrong); !strings.Contains(got, c.says) {
				t.Errorf("%q does not say %q", got, c.says)
			}
			// Nothing else is called wrong.
			var only Errors
			reflect.ValueOf(&only).Elem().Set(reflect.ValueOf(wrong))
			n := 0
			for i := range reflect.TypeOf(only).NumField() {
				if reflect.ValueOf(only).Field(i).String() != "" {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d lines are wrong: %+v", n, wrong)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	o := Options{Prefix: "x", Write: model.WriteOptions{StorageClass: "Archive", ACL: "public-read", IfExists: model.IfExistsOverwrite}}
	all := strings.Join(o.Warnings(), "\n")
	for _, want := range []string{"60 days", "restored", "anybody can read", "does not end in /", "overwritten"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning says %q:\n%s", want, all)
		}
	}
	if w := (Options{Prefix: "x/"}).Warnings(); len(w) != 0 {
		t.Errorf("the defaults warn: %q", w)
	}
}
