package model

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const filterDay = 24 * time.Hour

// filterRow is a row of which everything is known.
func filterRow(change func(*FilterSubject)) FilterSubject {
	s := FilterSubject{Key: "Backup/2026/db.tar", UploadID: "0004B9894A22E5B1", From: "here", Class: "IA", Status: StatusFailed,
		Age: 8 * filterDay, Idle: 2 * time.Hour, IdleKnown: true, Size: 20 * GiB, Held: 10 * GiB, HeldKnown: true, Parts: 5, Gaps: 1}
	if change != nil {
		change(&s)
	}
	return s
}

func TestFilterMatch(t *testing.T) {
	row := filterRow(nil)
	unmeasured := filterRow(func(s *FilterSubject) {
		s.IdleKnown, s.HeldKnown, s.Size, s.Class, s.From, s.Status = false, false, -1, "", "?", StatusUnknown
	})
	nas := filterRow(func(s *FilterSubject) { s.From = "host:NAS" })
	named := func(key string) FilterSubject { return filterRow(func(s *FilterSubject) { s.Key = key }) }
	for _, test := range []struct {
		filter string
		row    FilterSubject
		want   bool
	}{
		{"", row, true}, {"  \t\u3000", row, true},
		// words
		{"db", row, true}, {"backup", row, true}, {"Backup", row, true}, {"BACKUP", row, false}, {"bAckup", row, false}, {"nothing", row, false},
		{"db 2026", row, true}, {"db 2027", row, false}, {"!db", row, false}, {"!xyz", row, true}, {"!!db", row, true},
		{`"db.tar"`, row, true}, {`"db tar"`, row, false}, {`"a b"`, named("x/a b/c"), true}, {`a b`, named("b a"), true},
		{`"a\"b"`, named(`a"b`), true}, {`"a\\b"`, named(`a\b`), true}, {`a\b`, named(`a\b`), true}, {`"a\b"`, named(`a\b`), true},
		{`"age>7d"`, named("age>7d"), true}, {`"!a"`, named("!a"), true}, {`"a|b"`, named("a|b"), true}, {"12:30", named("at 12:30"), true},
		{"dt=2026", named("dt=2026-11-23/x"), true}, {"Dt=2026", named("dt=2026-11-23/x"), false}, {`a"b`, named(`a"b`), true},
		{"备份", named("备份/数据"), true}, {"数据库", named("备份/数据"), false}, {"éa", named("ÉA"), true}, {"É", named("éa"), false}, {"straße", named("STRAßE"), true},
		{"tar", named(""), false}, {"tarr", named("tar"), false}, {"\xff", named("a\xffb"), true},
		// regular expressions
		{`key~\.tar$`, row, true}, {`key~^db`, row, false}, {`key~(?i)^backup`, row, true}, {`key~zip|tar`, row, true}, {`!key~tar`, row, false},
		{`key~"a b"`, named("a b"), true}, {`key~"a\.b"`, named("a.b"), true}, {`key~"a\.b"`, named("axb"), false}, {`KEY~tar`, row, true},
		// lists
		{"state:failed", row, true}, {"state:ready,failed", row, true}, {"state:ready", row, false}, {"state:ready|failed", row, true}, {"State:FAILED", row, true},
		{"!state:ready,failed", row, false}, {"!state:done", row, true}, {`state:"failed"`, row, true}, {`state:"ready","failed"`, row, true},
		{"from:here|?", row, true}, {"from:here|?", unmeasured, true}, {"from:here|?", nas, false}, {"from:?", unmeasured, true},
		{"from:nas", nas, true}, {"from:host:nas", nas, true}, {"from:here|host:nas", nas, true}, {"from:na", nas, false}, {"from:host", nas, false},
		{"class:ia", row, true}, {"class:Standard,Archive", row, false}, {"!class:Archive", row, true},
		{"id:0004B9", row, true}, {"id:0004b9", row, true}, {"id:4B9", row, false}, {"id:0004B9894A22E5B1FF", row, false},
		// comparisons
		{"age>7d", row, true}, {"age>8d", row, false}, {"age>=8d", row, true}, {"age<8d", row, false}, {"age<=8d", row, true}, {"!age>7d", row, false},
		{"idle>1h", row, true}, {"idle<90m", row, false}, {"held>10G", row, false}, {"held>=10G", row, true}, {"held=10G", row, true}, {"held<10.1G", row, true},
		{"size>1G", row, true}, {"size<1G", row, false}, {"parts>5", row, false}, {"parts=5", row, true}, {"gaps>0", row, true}, {"gaps=0", row, false},
		{`age>"7d"`, row, true},
		// what is not known holds neither way
		{"idle>1h", unmeasured, false}, {"!idle>1h", unmeasured, false}, {"held<1T", unmeasured, false}, {"!held<1T", unmeasured, false},
		{"size<1T", unmeasured, false}, {"!size<1T", unmeasured, false}, {"parts<9", unmeasured, false}, {"!parts<9", unmeasured, false},
		{"gaps<9", unmeasured, false}, {"!gaps<9", unmeasured, false}, {"class:IA", unmeasured, false}, {"!class:IA", unmeasured, false},
		{"!id:00", filterRow(func(s *FilterSubject) { s.UploadID = "" }), false},
		{"held>1T | age>7d", unmeasured, true},
		// or binds closer than and
		{"xyz | db", row, true}, {"xyz|db", row, true}, {"db | xyz nothing", row, false}, {"nothing xyz | db", row, false},
		{"xyz | db state:failed", row, true}, {"state:failed xyz | db", row, true}, {"state:done | age>7d", row, true}, {"state:done|age>7d", row, true},
		{"state:done|!age>7d", row, false}, {"state:done | db", row, true}, {"a1 | b2 | db", row, true}, {"age>9d|held=10G", row, true},
		{"key~zip |db", row, true}, {`"a b"|"db"`, row, true},
	} {
		filter, err := ParseFilter(test.filter)
		if err != nil {
			t.Errorf("%q: %v", test.filter, err)
			continue
		}
		if got := filter.Match(test.row); got != test.want {
			t.Errorf("%q on %+v: %v, want %v", test.filter, test.row, got, test.want)
		}
		checkFilterString(t, filter)
	}
}

func TestParseFilterErrorsNameTheWordAndTheWayOn(t *testing.T) {
	for _, test := range []struct{ filter, word, way string }{
		{"db stat:failed x", `"stat:failed"`, "use key, state, age"},
		{"oss://bucket/key", `"oss://bucket/key"`, "quote it"},
		{"file~", `"file~"`, "quote it"},
		{"state:failed,reddy", `"reddy" is no state`, "use queued, matching"},
		{"state:", `"state:"`, "state:failed,ready"},
		{"state:failed,", `"state:failed,"`, "state:failed,ready"},
		{"state:,failed", `"state:,failed"`, "state:failed,ready"},
		{"state=failed", `"state=failed"`, "state takes :"},
		{"from~here", `"from~here"`, "from:here"},
		{"key:db", `"key:db"`, "key takes ~"},
		{"age:7d", `"age:7d"`, "age>7d"},
		{"age=7d", `"age=7d"`, "age>7d"},
		{"age>", `"age>"`, "age>7d"},
		{"age>7", `"age>7"`, "7d, 36h or 90m"},
		{"age>=", `"age>="`, "age>7d"},
		{"age > 7d", `">"`, "no spaces"},
		{"age> 7d", `"age>"`, "age>7d"},
		{"held>10X", `"held>10X"`, "32M, 1.5G"},
		{"held>-1", `"held>-1"`, "not a possible size"},
		{"parts>many", `"parts>many"`, "parts>5"},
		{"parts>-1", `"parts>-1"`, "parts>5"},
		{"parts>99999999999", `"parts>99999999999"`, "parts>5"},
		{"key~(", `"key~("`, `put \ before`},
		{"key~a{2000}", `"key~a{2000}"`, "regular expression"},
		{"!", `"!"`, "!state:done"},
		{"! db", `"!"`, "!state:done"},
		{"db !", `"!"`, "!state:done"},
		{"|", `"|"`, "both sides"},
		{"db |", `"db |"`, "both sides"},
		{"| db", `"| db"`, "both sides"},
		{"a || b", `"a || b"`, "both sides"},
		{"state:failed|", `"state:failed|"`, "both sides"},
		{`"db`, `"\"db"`, "closing"},
		{`"db" "a\"`, `"\"a\\\""`, "closing"},
		{`""`, `"\"\""`, "leave them away"},
		{`"db"x`, `"\"db\"x"`, "closing quote"},
		{`state:"failed"x`, `"\"failed\"x"`, "closing quote"},
		{"\x1b]52;c;x\a:\u202ey", "", ""}, // a word: no letters in front of the colon
		{"a:\x1b]52;c;x\a", `"a:\x1b]52;c;x\a"`, "quote it"},
		{"age>\x1b\u202e", `"age>\x1b\u202e"`, "7d"},
		{"key~(\x1b", `"key~(\x1b"`, "regular"},
	} {
		filter, err := ParseFilter(test.filter)
		if test.word == "" {
			if err != nil {
				t.Errorf("%q: %v", test.filter, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q is read as %q", test.filter, filter)
			continue
		}
		if !strings.Contains(err.Error(), test.word) || !strings.Contains(err.Error(), test.way) || strings.ContainsAny(err.Error(), "\x1b\a\u202e") {
			t.Errorf("%q: error %q, want the word %s and the way on %q", test.filter, err, test.word, test.way)
		}
		if !filter.Empty() {
			t.Errorf("%q: a filter beside the error", test.filter)
		}
	}
}

func TestFilterString(t *testing.T) {
	for _, test := range []struct{ typed, want string }{
		{"", ""},
		{"  db   2026 ", "db 2026"},
		{"from:here|?", "from:here,?"},
		{"State:FAILED|age>7d", "state:failed | age>7d"},
		{"!!db !state:done", "db !state:done"},
		{`"db" "a b"`, `db "a b"`},
		{`key~\.tar$`, `key~"\\.tar$"`},
		{"dt=1", `"dt=1"`},
	} {
		filter, err := ParseFilter(test.typed)
		if err != nil || filter.String() != test.want {
			t.Errorf("%q is written %q, %v; want %q", test.typed, filter, err, test.want)
		}
		if filter.Empty() != (test.want == "") {
			t.Errorf("%q: empty is %v", test.typed, filter.Empty())
		}
	}
}

// checkFilterString checks that a filter's text is read as the same filter.
func checkFilterString(t *testing.T, filter Filter) {
	t.Helper()
	again, err := ParseFilter(filter.String())
	if err != nil {
		t.Errorf("%q is not read again: %v", filter, err)
	} else if !reflect.DeepEqual(again, filter) {
		t.Errorf("%q is read again as %q", filter, again)
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, text := range []string{"db", "!a|b \"c d\"", "key~a|b", "state:failed|ready,done from:here|?|host:x", "age>7d | held<=1.5G", "gaps=0", `"\"\\"`, "age>", "id:|", "\xff|\u00a0"} {
		f.Add(text, "Backup/备份.tar")
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		filter, err := ParseFilter(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n\r\a\u202e\u009b") {
				t.Errorf("error %q drives a terminal", err)
			}
			return
		}
		checkFilterString(t, filter)
		filter.Match(filterRow(func(s *FilterSubject) { s.Key = key }))
		// A key is found by any piece of itself in quotes.
		if len(key) > 2 {
			piece := key[1 : len(key)-1]
			if own, err := ParseFilter(quoteFilterValue(piece)); err != nil || !own.Match(FilterSubject{Key: key}) {
				t.Errorf("the key %q is not found by %q: %v", key, own, err)
			}
		}
	})
}

// FuzzContainsFold holds the search against the plain way to do it.
func FuzzContainsFold(f *testing.F) {
	f.Add("Backup/2026", "backup")
	f.Add("ÉA备", "éa")
	f.Fuzz(func(t *testing.T, s, word string) {
		needle := strings.ToLower(word)
		if strings.ToLower(needle) != needle {
			return
		}
		want := strings.Contains(strings.Map(lowerForTest, strings.ToValidUTF8(s, "\ufffd")), needle)
		if strings.ContainsAny(s, "\u212a\u0130") || strings.ContainsRune(s, '\ufffd') || s != strings.ToValidUTF8(s, "") {
			return // the Kelvin sign and the dotted İ turn into ASCII letters in lower case; broken text is searched byte by byte
		}
		if got := containsFold(s, needle); got != want {
			t.Errorf("containsFold(%q, %q) = %v", s, needle, got)
		}
	})
}

func lowerForTest(r rune) rune { return []rune(strings.ToLower(string(r)))[0] }

// benchmarkSubjects are the rows of a bucket of 20 000 leftovers.
func benchmarkSubjects() []FilterSubject {
	subjects := make([]FilterSubject, 20_000)
	for i := range subjects {
		subjects[i] = filterRow(func(s *FilterSubject) {
			s.Key = fmt.Sprintf("Backup/2026-11-%02d/database/production-%05d.tar.zst", i%30, i)
			s.Age = time.Duration(i%40) * filterDay
		})
	}
	return subjects
}

func TestFilterMatchDoesNotAllocate(t *testing.T) {
	filter, err := ParseFilter(`production !key~^logs/ state:done|failed age>3d held>1G | from:nas "备份" | zst`)
	if err != nil {
		t.Fatal(err)
	}
	row := filterRow(nil)
	if n := testing.AllocsPerRun(100, func() { filter.Match(row) }); n != 0 {
		t.Errorf("%v allocations a match", n)
	}
}

// BenchmarkFilter20000 is what one keystroke in the filter line costs: it must stay below 5 ms.
func BenchmarkFilter20000(b *testing.B) {
	subjects := benchmarkSubjects()
	for _, text := range []string{"zst", "Production", "nowhere state:failed", "state:stale held>1G", "2026 db !tmp age>7d | idle>1h", "备份", `key~-0012\d\.`} {
		filter, err := ParseFilter(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range subjects {
					filter.Match(subjects[i])
				}
			}
		})
	}
}
