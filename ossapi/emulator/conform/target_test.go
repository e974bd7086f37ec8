package conform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func validTarget() Target {
	return Target{
		Name: "t", Endpoint: "http://127.0.0.1:1", Region: "cn-hangzhou",
		AccessKeyID: "id", AccessKeySecret: "s3cr3t", Bucket: "bucket-name",
	}
}

func TestTargetCheck(t *testing.T) {
	if err := validTarget().check(); err != nil {
		t.Fatalf("a valid target: %v", err)
	}
	for name, change := range map[string]func(*Target){
		"no bucket":       func(x *Target) { x.Bucket = "" },
		"no key id":       func(x *Target) { x.AccessKeyID = "" },
		"no secret":       func(x *Target) { x.AccessKeySecret = "" },
		"no region":       func(x *Target) { x.Region = "" },
		"no scheme":       func(x *Target) { x.Endpoint = "127.0.0.1:1" },
		"no host":         func(x *Target) { x.Endpoint = "http://" },
		"other scheme":    func(x *Target) { x.Endpoint = "ftp://host" },
		"unknown only":    func(x *Target) { x.Only = []string{"no-such-case"} },
		"unknown skip":    func(x *Target) { x.Skip = map[string]string{"no-such-case": "why"} },
		"skip, no reason": func(x *Target) { x.Skip = map[string]string{"abort": ""} },
	} {
		target := validTarget()
		change(&target)
		if target.check() == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, err := Try(t.Context(), target); err == nil {
			t.Errorf("%s: Try accepts it", name)
		}
	}
	v1 := validTarget()
	v1.Region, v1.SignatureV1 = "", true
	if err := v1.check(); err != nil {
		t.Errorf("V1 needs no region: %v", err)
	}
}

func TestTargetKeepsSecret(t *testing.T) {
	target := validTarget()
	for _, text := range []string{
		fmt.Sprint(target), fmt.Sprintf("%+v", target), fmt.Sprintf("%#v", target), fmt.Sprintf("%s", &target),
	} {
		if strings.Contains(text, target.AccessKeySecret) || !strings.Contains(text, "****") {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestNamesAreUniqueAndPlain(t *testing.T) {
	names := Names()
	if len(names) < 90 {
		t.Errorf("only %d cases", len(names))
	}
	sorted := slices.Sorted(slices.Values(names))
	if n := len(slices.Compact(sorted)); n != len(names) {
		t.Errorf("%d names for %d cases", n, len(names))
	}
	for _, name := range names {
		if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(name) {
			t.Errorf("name %q", name)
		}
	}
}

func TestRecorder(t *testing.T) {
	rec := &recorder{ctx: context.Background()}
	var order []string
	rec.drive(func() {
		rec.Cleanup(func() { order = append(order, "outer") })
		rec.Cleanup(func() {
			order = append(order, "inner")
			rec.Cleanup(func() { order = append(order, "late") })
		})
		rec.Errorf("first %d", 1)
		rec.Fatalf("second")
		order = append(order, "after Fatalf")
	})
	if want := []string{"inner", "late", "outer"}; !slices.Equal(order, want) {
		t.Errorf("ran %q, want %q", order, want)
	}
	if want := []string{"first 1", "second"}; !slices.Equal(rec.failures, want) {
		t.Errorf("failures %q, want %q", rec.failures, want)
	}
	panics := &recorder{ctx: context.Background()}
	panics.drive(func() { panic("boom") })
	if want := []string{"panic: boom"}; !slices.Equal(panics.failures, want) {
		t.Errorf("failures %q, want %q", panics.failures, want)
	}
}

func TestTryStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	outcomes, err := Try(ctx, validTarget())
	if !errors.Is(err, context.Canceled) || len(outcomes) != 0 {
		t.Errorf("got %d outcomes, error %v", len(outcomes), err)
	}
}

func TestContentDependsOnLabel(t *testing.T) {
	if !bytes.Equal(content("a", 100), content("a", 100)) || bytes.Equal(content("a", 100), content("b", 100)) {
		t.Error("content is not a function of its label")
	}
	// Known answers, so that the suite does not judge by a checksum of its own
	// making: the check value of CRC-64/XZ, and the MD5 of nothing.
	if got := crcOf([]byte("123456789")); got != "11051210869376104954" {
		t.Errorf("CRC %s", got)
	}
	if got := md5ETag(nil); got != `"D41D8CD98F00B204E9800998ECF8427E"` {
		t.Errorf("ETag %s", got)
	}
	if got := contentMD5(nil); got != "1B2M2Y8AsgTpgAmY7PhCfg==" {
		t.Errorf("Content-MD5 %s", got)
	}
}
