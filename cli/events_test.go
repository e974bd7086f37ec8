package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"partway/model/safe"
)

// TestDocumentedEvents reads every example of docs/JSON.md back into the event it is of, strictly: a field that was renamed, or an
// event that is not documented, is found.
func TestDocumentedEvents(t *testing.T) {
	kinds := map[string]func() any{}
	for _, name := range []string{"queued", "started", "done", "skipped", "aborted", "paused", "failed"} {
		kinds[name] = func() any { return new(fileEvent) }
	}
	for name, make := range map[string]func() any{
		"part": func() any { return new(partEvent) }, "retry": func() any { return new(partEvent) },
		"end": func() any { return new(endEvent) }, "ignored": func() any { return new(ignoredEvent) },
		"plan": func() any { return new(planEvent) }, "upload": func() any { return new(uploadEvent) },
		"candidate": func() any { return new(uploadEvent) }, "stored_part": func() any { return new(storedPartEvent) },
		"gap": func() any { return new(gapEvent) }, "version": func() any { return new(versionEvent) },
		"error": func() any { return new(errorEvent) },
	} {
		kinds[name] = make
	}
	text, err := os.ReadFile("../docs/JSON.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, block := range strings.Split(string(text), "```json\n")[1:] {
		line, _, _ := strings.Cut(block, "\n")
		var head header
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		kind, known := kinds[head.Ev]
		if !known || head.V != eventsVersion {
			t.Errorf("the event %q, version %d, is not written by the program", head.Ev, head.V)
			continue
		}
		documented[head.Ev] = true
		event := kind()
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(event); err != nil {
			t.Errorf("%s: %v", head.Ev, err)
		}
		again, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		// The same fields in the same order, but for white space.
		if string(again) != line {
			t.Errorf("%s is documented as\n%s\nand written as\n%s", head.Ev, line, again)
		}
	}
	for name := range kinds {
		if !documented[name] {
			t.Errorf("the event %q is not documented in docs/JSON.md", name)
		}
	}
}

// TestEventsAreHarmless writes hostile keys and finds no raw control character, and the same key when it is parsed.
func TestEventsAreHarmless(t *testing.T) {
	for _, hostile := range safe.HostilePayloads() {
		var out bytes.Buffer
		w := &eventWriter{to: &out, now: time.Now}
		event := planEvent{header: w.header("plan"), Key: hostile.Text}
		if err := w.write(event); err != nil {
			t.Fatal(err)
		}
		for _, r := range strings.TrimSuffix(out.String(), "\n") {
			if r < 0x20 || invisible(r) {
				t.Errorf("%s: %U in %q", hostile.Name, r, out.String())
			}
		}
		var back planEvent
		if err := json.Unmarshal(out.Bytes(), &back); err != nil {
			t.Fatalf("%s: %v", hostile.Name, err)
		}
		// JSON has no bytes that are no UTF-8; a key never holds any.
		if want := strings.ToValidUTF8(hostile.Text, ""); strings.ReplaceAll(back.Key, "\ufffd", "") != want {
			t.Errorf("%s: %q came back as %q", hostile.Name, hostile.Text, back.Key)
		}
	}
}
