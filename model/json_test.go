package model

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// fill sets every field of a value, however deep, to something that is not zero, so that what JSON loses is missed.
func fill(v reflect.Value, seed *int64) {
	*seed++
	switch v.Interface().(type) {
	case time.Time: // UTC: a location is not carried, the moment is
		v.Set(reflect.ValueOf(time.Unix(1_800_000_000+*seed, 123_456_789).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d <&\u2028\x1b\\\"备", *seed))
	case reflect.Int, reflect.Int64:
		v.SetInt(*seed)
	case reflect.Uint64: // a sum that a float64 would round
		v.SetUint(math.MaxUint64 - uint64(*seed))
	case reflect.Uint8:
		v.SetUint(uint64(*seed % 256))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*seed) + 0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), seed)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), seed)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, seed)
			fill(value, seed)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), seed)
		}
	default:
		panic("fill does not know " + v.Type().String())
	}
}

// commands holds one of every command; TestCommandsAreComplete sees to it that none is missing.
func commands() []Command {
	return []Command{
		Enqueue{}, Go{}, Pause{}, PauseAll{}, GoAll{}, Move{}, SetLimits{}, SetJobParts{}, Adopt{}, CompleteUpload{}, Abort{}, Verify{},
		ClearFinished{}, Compare{Path: "/a"}, Look{Place: Place{Bucket: "other"}}, Refresh{}, Measure{},
	}
}

func TestCommandsAreComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared, listed []string
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "command" {
			declared = append(declared, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	for _, c := range commands() {
		listed = append(listed, reflect.TypeOf(c).Name())
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("command.go declares %v, the tests know %v", declared, listed)
	}
}

func TestJSONKeepsEverything(t *testing.T) {
	values := []any{Snapshot{}, Record{}, Finished{}, PartList{}, Intent{}, Owner{}}
	for _, c := range commands() {
		values = append(values, c)
	}
	for _, value := range values {
		kind := reflect.TypeOf(value)
		t.Run(kind.Name(), func(t *testing.T) {
			for _, full := range []bool{false, true} {
				in := reflect.New(kind)
				if seed := int64(0); full {
					fill(in.Elem(), &seed)
				}
				text, err := json.Marshal(in.Interface())
				if err != nil {
					t.Fatal(err)
				}
				out := reflect.New(kind)
				decoder := json.NewDecoder(strings.NewReader(string(text)))
				decoder.DisallowUnknownFields()
				if err := decoder.Decode(out.Interface()); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(in.Interface(), out.Interface()) {
					t.Errorf("full %v: went in as\n%+v\ncame out as\n%+v\nthrough %s", full, in.Elem(), out.Elem(), text)
				}
				if strings.ContainsAny(string(text), "\n\x1b") {
					t.Errorf("%s would break a line of a journal", text)
				}
			}
		})
	}
}

// TestJSONNamesAreStable: journals and other processes live on these names, so each field has one of its own choosing.
func TestJSONNamesAreStable(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(kind reflect.Type) {
		switch kind.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(kind.Elem())
		case reflect.Struct:
			if seen[kind] || kind == reflect.TypeFor[time.Time]() {
				return
			}
			seen[kind] = true
			names := map[string]bool{}
			for i := range kind.NumField() {
				field := kind.Field(i)
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if name == "" || names[name] || name != strings.ToLower(name) {
					t.Errorf("%s.%s has the JSON name %q", kind.Name(), field.Name, name)
				}
				names[name] = true
				walk(field.Type)
			}
		}
	}
	for _, value := range []any{Snapshot{}, Record{}, Finished{}, PartList{}, Owner{}} {
		walk(reflect.TypeOf(value))
	}
	for _, c := range commands() {
		walk(reflect.TypeOf(c))
	}
}
