package emulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// ParseScript reads faults written as JSON, one object a line; empty lines and lines that begin with # are skipped. The keys are
//
//	op, bucket, key, part, skip, times, probability    which requests, as in Fault
//	effect                                             the name of an effect type, e.g. "Answer"
//
// and the fields of that effect: after and at (bytes), status, code, message, ec, header, early, before and after (of Delay,
// like "2s"), bytes_per_second, by (a duration), takes_effect (of ErrorBody). For example
//
//	{"op":"UploadPart","skip":3,"times":2,"effect":"Answer","status":503,"code":"ServiceUnavailable","header":{"Retry-After":"2"}}
//	{"op":"CompleteMultipartUpload","effect":"LoseAnswer"}
//
// Every key must be known and of use to the effect. An error names its line.
func ParseScript(r io.Reader) ([]Fault, error) {
	var faults []Fault
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	number := 0
	for lines.Scan() {
		number++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		fault, err := parseFault(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		faults = append(faults, fault)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	return faults, nil
}

// duration is a time.Duration written like "1m30s".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed > 365*24*time.Hour {
		err = errors.New("longer than a year")
	}
	*d = duration(parsed)
	return err
}

// scriptMatch are the keys of a line that every effect has.
type scriptMatch struct {
	Op          Op      `json:"op"`
	Bucket      string  `json:"bucket"`
	Key         string  `json:"key"`
	Part        int     `json:"part"`
	Skip        int     `json:"skip"`
	Times       int     `json:"times"`
	Probability float64 `json:"probability"`
	Effect      string  `json:"effect"`
}

// matchKeys are the JSON keys of scriptMatch.
var matchKeys = []string{"op", "bucket", "key", "part", "skip", "times", "probability", "effect"}

type scriptAnswer struct {
	Status  int               `json:"status"`
	Code    string            `json:"code"`
	Message string            `json:"message"`
	EC      string            `json:"ec"`
	Header  map[string]string `json:"header"`
}

func parseFault(line []byte) (Fault, error) {
	var keys map[string]json.RawMessage
	if err := strictDecode(line, &keys); err != nil {
		return Fault{}, err
	}
	matching := make(map[string]json.RawMessage)
	for _, key := range matchKeys {
		if value, present := keys[key]; present {
			matching[key] = value
			delete(keys, key)
		}
	}
	var m scriptMatch
	if err := decodeKeys(matching, &m); err != nil {
		return Fault{}, err
	}
	if err := m.check(); err != nil {
		return Fault{}, err
	}
	effect, err := parseEffect(m.Effect, keys)
	if err != nil {
		return Fault{}, err
	}
	return Fault{Op: m.Op, Bucket: m.Bucket, Key: m.Key, PartNumber: m.Part, Skip: m.Skip, Times: m.Times,
		Probability: m.Probability, Effect: effect}, nil
}

func (m *scriptMatch) check() error {
	switch {
	case m.Op != "" && !slices.Contains(allOps, m.Op):
		return fmt.Errorf("unknown op %q", m.Op)
	case m.Part < 0 || m.Part > maxPartNumber:
		return fmt.Errorf("part %d is not in 1..%d", m.Part, maxPartNumber)
	case m.Skip < 0:
		return fmt.Errorf("skip %d is negative", m.Skip)
	case m.Times < -1:
		return fmt.Errorf("times %d is neither a number nor -1 for ever", m.Times)
	case m.Probability < 0 || m.Probability > 1:
		return fmt.Errorf("probability %v is not in 0..1", m.Probability)
	}
	return nil
}

// parseEffect turns the name of an effect and the keys left over into the effect.
func parseEffect(name string, keys map[string]json.RawMessage) (Effect, error) {
	switch name {
	case "ResetBody":
		var f struct {
			After int64 `json:"after"`
		}
		err := decodeKeys(keys, &f)
		return ResetBody{f.After}, errors.Join(err, atLeast("after", f.After, 0))
	case "Answer":
		var f struct {
			scriptAnswer
			Early bool `json:"early"`
		}
		err := decodeKeys(keys, &f)
		return Answer{f.Status, f.Code, f.Message, f.EC, f.Header, f.Early}, errors.Join(err, f.check())
	case "AnswerAfter":
		var f scriptAnswer
		err := decodeKeys(keys, &f)
		return AnswerAfter{f.Status, f.Code, f.Message, f.EC, f.Header}, errors.Join(err, f.check())
	case "Delay":
		var f struct{ Before, After duration }
		err := decodeKeys(keys, &f)
		return Delay{time.Duration(f.Before), time.Duration(f.After)}, err
	case "ErrorBody":
		var f struct {
			Code        string `json:"code"`
			Message     string `json:"message"`
			TakesEffect bool   `json:"takes_effect"`
		}
		err := decodeKeys(keys, &f)
		return ErrorBody{f.Code, f.Message, f.TakesEffect}, err
	case "FlipByte":
		var f struct {
			At int64 `json:"at"`
		}
		err := decodeKeys(keys, &f)
		return FlipByte{f.At}, errors.Join(err, atLeast("at", f.At, 0))
	case "SlowBody":
		var f struct {
			BytesPerSecond int `json:"bytes_per_second"`
		}
		err := decodeKeys(keys, &f)
		return SlowBody{f.BytesPerSecond}, errors.Join(err, atLeast("bytes_per_second", int64(f.BytesPerSecond), 1))
	case "SkewedClock":
		var f struct {
			By duration `json:"by"`
		}
		err := decodeKeys(keys, &f)
		return SkewedClock{time.Duration(f.By)}, err
	}
	if effect := plainEffect(name); effect != nil {
		return effect, decodeKeys(keys, &struct{}{})
	}
	if name == "" {
		return nil, errors.New("effect is missing")
	}
	return nil, fmt.Errorf("unknown effect %q", name)
}

// plainEffect finds an effect that has no fields.
func plainEffect(name string) Effect {
	for _, effect := range []Effect{LoseAnswer{}, BlackHole{}, ExpiredToken{}, OmitCRC{}, WrongCRC{}, RepeatMarker{}} {
		if strings.TrimPrefix(fmt.Sprintf("%T", effect), "emulator.") == name {
			return effect
		}
	}
	return nil
}

func (a *scriptAnswer) check() error {
	if a.Status != 0 && (a.Status < 200 || a.Status > 599) {
		return fmt.Errorf("status %d is not in 200..599", a.Status)
	}
	return nil
}

func atLeast(name string, value, least int64) error {
	if value < least {
		return fmt.Errorf("%s %d is less than %d", name, value, least)
	}
	return nil
}

func decodeKeys(keys map[string]json.RawMessage, into any) error {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if key != strings.ToLower(key) {
			return fmt.Errorf("key %q: keys are lower-case", key) // encoding/json would take any case
		}
	}
	data, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return strictDecode(data, into)
}

// strictDecode refuses unknown keys and anything behind the value.
func strictDecode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the JSON object")
	}
	return nil
}
