package main

import (
	"errors"
	"strings"
	"testing"

	"partway/ossapi/emulator"
)

func TestEvery20thPartIsCutHalfWay(t *testing.T) {
	faults, err := emulator.ParseScript(strings.NewReader(every20th(64)))
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) < 64/20 {
		t.Fatalf("%d faults for 64 parts", len(faults))
	}
	for i, f := range faults {
		want := emulator.Fault{Op: emulator.OpUploadPart, Skip: 20*i + 19, Effect: emulator.ResetBody{After: partSize / 2}}
		if f != want {
			t.Errorf("fault %d is %+v, want %+v", i, f, want)
		}
	}
}

func TestLongLineIsAScript(t *testing.T) {
	faults, err := emulator.ParseScript(strings.NewReader(longLineFaults))
	if err != nil || len(faults) != 2 {
		t.Fatalf("%d faults, %v", len(faults), err)
	}
	for _, f := range faults {
		if f.Op != "" || f.Times != -1 {
			t.Errorf("%+v does not hit every request", f)
		}
	}
}

func TestChoose(t *testing.T) {
	for names, want := range map[string]string{"all": "a b c d e f crc", "c": "c", "d,a": "d a"} {
		chosen, err := choose(names)
		if err != nil {
			t.Errorf("%q: %v", names, err)
			continue
		}
		var got []string
		for _, s := range chosen {
			got = append(got, s.name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q gives %v, want %s", names, got, want)
		}
	}
	for _, names := range []string{"", "g", "a,", "a b", "All"} {
		if _, err := choose(names); !errors.Is(err, errScenario) {
			t.Errorf("%q gives %v, want an error that says what is legal", names, err)
		}
	}
}
