package emulator

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseScript(t *testing.T) {
	script := `
# throttled, then fine
{"op":"UploadPart","skip":3,"times":2,"effect":"Answer","status":503,"code":"ServiceUnavailable","message":"m","ec":"e","header":{"Retry-After":"2"},"early":true}
{"bucket":"b","key":"k","part":7,"probability":0.5,"times":-1,"effect":"ResetBody","after":1000}
  {"op":"CompleteMultipartUpload","effect":"AnswerAfter","status":500}
{"effect":"LoseAnswer"}
{"effect":"Delay","before":"1s","after":"1m30s"}
{"effect":"ErrorBody","code":"InternalError","message":"m","takes_effect":true}
{"effect":"FlipByte","at":5}
{"effect":"SlowBody","bytes_per_second":10}
{"effect":"BlackHole"}
{"effect":"ExpiredToken"}
{"effect":"SkewedClock","by":"-20m"}
{"effect":"OmitCRC"}
{"effect":"WrongCRC"}
{"effect":"RepeatMarker"}`
	want := []Fault{
		{Op: OpUploadPart, Skip: 3, Times: 2, Effect: Answer{503, "ServiceUnavailable", "m", "e", map[string]string{"Retry-After": "2"}, true}},
		{Bucket: "b", Key: "k", PartNumber: 7, Probability: 0.5, Times: -1, Effect: ResetBody{1000}},
		{Op: OpComplete, Effect: AnswerAfter{Status: 500}},
		{Effect: LoseAnswer{}},
		{Effect: Delay{time.Second, 90 * time.Second}},
		{Effect: ErrorBody{"InternalError", "m", true}},
		{Effect: FlipByte{5}},
		{Effect: SlowBody{10}},
		{Effect: BlackHole{}},
		{Effect: ExpiredToken{}},
		{Effect: SkewedClock{-20 * time.Minute}},
		{Effect: OmitCRC{}},
		{Effect: WrongCRC{}},
		{Effect: RepeatMarker{}},
	}
	got, err := ParseScript(strings.NewReader(script))
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if i >= len(got) || !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("fault %d: %+v, want %+v", i, got, want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d faults, want %d", len(got), len(want))
	}
}

func TestParseScriptRefuses(t *testing.T) {
	for line, want := range map[string]string{
		`{`:                                               "line 2: unexpected",
		`[]`:                                              "line 2: json",
		`{"effect":"LoseAnswer"} x`:                       "line 2: something follows",
		`{}`:                                              "line 2: effect is missing",
		`{"effect":"Hook"}`:                               `line 2: unknown effect "Hook"`,
		`{"effect":"Nonsense"}`:                           `line 2: unknown effect "Nonsense"`,
		`{"op":"Upload","effect":"OmitCRC"}`:              `line 2: unknown op "Upload"`,
		`{"effect":"OmitCRC","after":1}`:                  "line 2: json: unknown field",
		`{"effect":"Answer","Status":1}`:                  `line 2: key "Status": keys are lower-case`,
		`{"effect":"Answer","status":99}`:                 "line 2: status 99",
		`{"effect":"Answer","at":9}`:                      "line 2: json: unknown field",
		`{"effect":"Delay","before":5}`:                   "line 2: json",
		`{"effect":"Delay","before":"x"}`:                 "line 2: time",
		`{"effect":"ResetBody","after":-1}`:               "line 2: after -1",
		`{"effect":"SlowBody"}`:                           "line 2: bytes_per_second 0",
		`{"part":10001,"effect":"OmitCRC"}`:               "line 2: part 10001",
		`{"skip":-1,"effect":"OmitCRC"}`:                  "line 2: skip -1",
		`{"times":-2,"effect":"OmitCRC"}`:                 "line 2: times -2",
		`{"probability":2,"effect":"OmitCRC"}`:            "line 2: probability 2",
		`{"effect":"` + strings.Repeat("x", 1<<20) + `"}`: "line 2: bufio",
	} {
		_, err := ParseScript(strings.NewReader("\n" + line + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", line, err, want)
		}
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add(`{"op":"UploadPart","effect":"Answer","status":503,"header":{"a":"b"}}`)
	f.Add("# x\n\n{\"effect\":\"Delay\",\"before\":\"1s\"}")
	f.Add(`{"effect":"SlowBody","bytes_per_second":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		faults, err := ParseScript(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("the error names no line: %v", err)
			}
			return
		}
		for _, fault := range faults {
			var p plan
			fault.Effect.arrange(&p) // nil would panic
			if p.bytesPerSecond < 0 || p.resetAfter < 0 || fault.Skip < 0 || fault.Times < -1 {
				t.Errorf("accepted %+v", fault)
			}
		}
	})
}

func FuzzPartList(f *testing.F) {
	f.Add(partList(1, `"A"`, 3, "b"))
	f.Add([]byte("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>\n"))
	f.Add([]byte(`<?xml version="1.0"?><CompleteMultipartUpload xmlns="x"><Part/></CompleteMultipartUpload>`))
	f.Fuzz(func(t *testing.T, document []byte) {
		list, err := parsePartList(document)
		if err != nil {
			if codeOf(err) == "" {
				t.Errorf("not an answer of OSS: %v", err)
			}
			return
		}
		last := 0
		for _, p := range list {
			if p.PartNumber <= last || p.PartNumber > maxPartNumber {
				t.Errorf("accepted %+v", list)
			}
			last = p.PartNumber
		}
		if last == 0 {
			t.Error("accepted an empty list")
		}
	})
}
