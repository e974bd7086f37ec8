package model

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Filter chooses rows: jobs and unfinished uploads. ParseFilter makes one from the grammar that screens and command line share; the
// zero Filter chooses all. It is immutable and may be used concurrently.
type Filter struct {
	groups []filterGroup // all must hold
}

// filterGroup is terms joined by |, of which one must hold.
type filterGroup []filterTerm

// filterTerm is one test. It keeps what was typed, for String.
type filterTerm struct {
	negated  bool
	field    string // "" for a word
	operator string
	values   []string // as typed; more than one for lists only

	folded  bool           // word: upper and lower case are the same
	pattern *regexp.Regexp // key~
	limit   int64          // age, idle in nanoseconds; held, size in bytes; parts, gaps
}

// FilterSubject is what a filter can ask of a row.
type FilterSubject struct {
	Key      string
	UploadID string
	From     string // "here", "host:NAME", or "?" for an upload that no journal knows
	Class    string // storage class; empty: not known
	Status   Status

	Age       time.Duration // since it was queued or initiated
	Idle      time.Duration // since the newest part
	IdleKnown bool

	Size int64 // bytes of the whole object; negative: not known
	// Held is the number of bytes that are stored. HeldKnown speaks for Parts and Gaps as well: all come from one listing.
	Held      int64
	HeldKnown bool
	Parts     int
	Gaps      int
}

// Empty reports whether the filter chooses everything.
func (f Filter) Empty() bool { return len(f.groups) == 0 }

// Match reports whether the filter chooses the row. A term that asks what is not known of the row does not hold, and neither does its
// negation: no row is chosen, and perhaps aborted, for a fact that nobody has looked up.
func (f Filter) Match(subject FilterSubject) bool {
	for _, group := range f.groups {
		if !group.holds(&subject) {
			return false
		}
	}
	return true
}

func (g filterGroup) holds(subject *FilterSubject) bool {
	for i := range g {
		if holds, known := g[i].test(subject); known && holds != g[i].negated {
			return true
		}
	}
	return false
}

func (t *filterTerm) test(subject *FilterSubject) (holds, known bool) {
	switch t.field {
	case "":
		if t.folded {
			return containsFold(subject.Key, t.values[0]), true
		}
		return strings.Contains(subject.Key, t.values[0]), true
	case "key":
		return t.pattern.MatchString(subject.Key), true
	case "state":
		return t.anyValue(string(subject.Status), strings.EqualFold), true
	case "from":
		return t.anyValue(subject.From, sameOrigin), true
	case "class":
		return t.anyValue(subject.Class, strings.EqualFold), subject.Class != ""
	case "id":
		return t.anyValue(subject.UploadID, hasPrefixFold), subject.UploadID != ""
	case "age":
		return t.compare(int64(subject.Age)), true
	case "idle":
		return t.compare(int64(subject.Idle)), subject.IdleKnown
	case "size":
		return t.compare(subject.Size), subject.Size >= 0
	case "held":
		return t.compare(subject.Held), subject.HeldKnown
	case "parts":
		return t.compare(int64(subject.Parts)), subject.HeldKnown
	case "gaps":
		return t.compare(int64(subject.Gaps)), subject.HeldKnown
	}
	return false, false
}

func (t *filterTerm) anyValue(fact string, same func(fact, value string) bool) bool {
	for _, value := range t.values {
		if same(fact, value) {
			return true
		}
	}
	return false
}

func (t *filterTerm) compare(fact int64) bool {
	switch t.operator {
	case ">":
		return fact > t.limit
	case "<":
		return fact < t.limit
	case ">=":
		return fact >= t.limit
	case "<=":
		return fact <= t.limit
	}
	return fact == t.limit
}

// sameOrigin lets from:nas choose what came from host:nas.
func sameOrigin(fact, value string) bool {
	host, isHost := strings.CutPrefix(fact, "host:")
	return strings.EqualFold(fact, value) || isHost && strings.EqualFold(host, value)
}

func hasPrefixFold(fact, prefix string) bool {
	return len(fact) >= len(prefix) && strings.EqualFold(fact[:len(prefix)], prefix)
}

// containsFold is strings.Contains without regard to case, for a needle in lower case. It makes no copy of s: a filter is applied to
// tens of thousands of keys between two keystrokes.
func containsFold(s, needle string) bool {
	if !isASCII(needle) {
		first, _ := utf8.DecodeRuneInString(needle)
		for i, r := range s {
			if unicode.ToLower(r) == first && hasLowerPrefix(s[i:], needle) {
				return true
			}
		}
		return false
	}
	for i := 0; i+len(needle) <= len(s); i++ {
		n := 0
		for n < len(needle) && lowerASCII(s[i+n]) == needle[n] {
			n++
		}
		if n == len(needle) {
			return true
		}
	}
	return false
}

func hasLowerPrefix(s, needle string) bool {
	for needle != "" {
		r, size := utf8.DecodeRuneInString(s)
		want, wantSize := utf8.DecodeRuneInString(needle)
		if size == 0 || unicode.ToLower(r) != want {
			return false
		}
		s, needle = s[size:], needle[wantSize:]
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func lowerASCII(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// String writes the filter in its own grammar, so that ParseFilter reads the same filter again.
func (f Filter) String() string {
	var b strings.Builder
	for i, group := range f.groups {
		if i > 0 {
			b.WriteByte(' ')
		}
		for j := range group {
			if j > 0 {
				b.WriteString(" | ")
			}
			group[j].write(&b)
		}
	}
	return b.String()
}

func (t *filterTerm) write(b *strings.Builder) {
	if t.negated {
		b.WriteByte('!')
	}
	b.WriteString(t.field)
	b.WriteString(t.operator)
	for i, value := range t.values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoteFilterValue(value))
	}
}

// quoteFilterValue puts quotes around everything that is not certain to be read as one value without them.
func quoteFilterValue(value string) string {
	plain := true
	for _, r := range value {
		plain = plain && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._/-+@%*?^$", r))
	}
	if plain && value != "" {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
