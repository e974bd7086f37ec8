package model

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// filterField says how a field of the grammar is asked.
type filterField struct {
	name      string
	operators []string
	list      bool // takes more than one value
	example   string
	read      func(*filterTerm) error // gives the values a meaning
}

var (
	filterLess    = []string{">", "<", ">=", "<="}
	filterCompare = []string{">", "<", ">=", "<=", "="}
)

var filterFields = [...]filterField{
	{"key", []string{"~"}, false, `key~\.tar$`, readPattern},
	{"state", []string{":"}, true, "state:failed,ready", readStates},
	{"age", filterLess, false, "age>7d", readAge},
	{"idle", filterLess, false, "idle>1h", readAge},
	{"held", filterCompare, false, "held>10G", readSize},
	{"size", filterCompare, false, "size>1G", readSize},
	{"parts", filterCompare, false, "parts>5", readCount},
	{"gaps", filterCompare, false, "gaps>0", readCount},
	{"from", []string{":"}, true, "from:here", readAnything},
	{"class", []string{":"}, true, "class:IA", readAnything},
	{"id", []string{":"}, true, "id:0004B9", readAnything},
}

// ParseFilter reads a filter:
//
//	word "two words"      part of the key; upper case counts only where it is typed
//	key~rx                a regular expression on the key
//	state:failed,ready    one of the states
//	from:here|?           here, ? or a host; as class:IA and id:PREFIX, a list with , or |
//	age>7d idle>1h        since the start, since the newest part: > < >= <=
//	held>10G size>1G parts>5 gaps=0
//	!term                 not
//	term | term           one of them; binds closer than the space, which means and
//
// The text of key~ reaches to the next space, | included. In quotes \" is a quote and \\ a backslash. An empty text is a filter that
// chooses all. Errors name the word that is wrong and what to write instead.
func ParseFilter(text string) (Filter, error) {
	p := filterParser{rest: text}
	var f Filter
	joins := false // a | waits for its right side
	for {
		p.skipSpace()
		switch {
		case p.rest == "" && joins, strings.HasPrefix(p.rest, "|") && (joins || f.Empty()):
			return Filter{}, fmt.Errorf(`filter %q: a | needs a term on both sides, as in state:failed | age>7d; to search for the sign, quote it`, text)
		case p.rest == "":
			return f, nil
		case p.rest[0] == '|':
			p.rest = p.rest[1:]
			joins = true
			continue
		}
		term, err := p.term()
		if err != nil {
			return Filter{}, err
		}
		if joins {
			last := len(f.groups) - 1
			f.groups[last] = append(f.groups[last], term)
		} else {
			f.groups = append(f.groups, filterGroup{term})
		}
		joins = false
	}
}

// filterParser reads a filter from left to right; rest is what is still to be read.
type filterParser struct{ rest string }

func (p *filterParser) skipSpace() { p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace) }

func (p *filterParser) term() (filterTerm, error) {
	start := p.rest
	var t filterTerm
	for strings.HasPrefix(p.rest, "!") {
		t.negated = !t.negated
		p.rest = p.rest[1:]
	}
	if p.atEnd() {
		return t, filterError(firstWord(start), "there is nothing behind the !: write it before a term, as in !state:done")
	}
	name, operator := splitField(p.rest)
	if operator == "" {
		err := p.word(&t)
		return t, err
	}
	field, known := findFilterField(name)
	switch {
	case name == "":
		return t, filterError(firstWord(p.rest), "a comparison begins with its field and has no spaces, as in age>7d; to search for the text, quote it")
	case !known && operator == "=": // dt=2026-11-23 is how many keys look
		err := p.word(&t)
		return t, err
	case !known:
		return t, filterError(firstWord(p.rest), fmt.Sprintf("%q is no field: use %s; to search for the text, quote it", name, filterFieldNames()))
	case !slices.Contains(field.operators, operator):
		return t, filterError(firstWord(p.rest), fmt.Sprintf("%s takes %s: write it as in %s; to search for the text, quote it",
			field.name, strings.Join(field.operators, " "), field.example))
	}
	t.field, t.operator = field.name, operator
	p.rest = p.rest[len(name)+len(operator):]
	if err := p.values(&t, field); err != nil {
		return t, err
	}
	if err := field.read(&t); err != nil {
		return t, filterError(firstWord(start), err.Error())
	}
	return t, nil
}

// word reads text to be searched for in the key.
func (p *filterParser) word(t *filterTerm) error {
	value, err := p.value(isWordEnd)
	if err != nil {
		return err
	}
	// Case counts as soon as a capital is typed; a text without case, as in Chinese, needs no folding.
	t.folded = strings.ToLower(value) == value && strings.ToUpper(value) != value
	t.values = []string{value}
	return nil
}

// values reads what follows the operator of a field.
func (p *filterParser) values(t *filterTerm, field filterField) error {
	start := p.rest
	ends := isWordEnd
	switch {
	case field.name == "key": // | means or in a regular expression, too
		ends = unicode.IsSpace
	case field.list:
		ends = func(r rune) bool { return isWordEnd(r) || r == ',' }
	}
	for {
		if p.atEnd() || field.list && p.rest[0] == ',' {
			return filterError(field.name+t.operator+firstWord(start), fmt.Sprintf("a value is missing: write it as in %s", field.example))
		}
		value, err := p.value(ends)
		if err != nil {
			return err
		}
		t.values = append(t.values, value)
		if !field.list || p.rest == "" {
			return nil
		}
		if p.rest[0] != ',' && !p.listGoesOn() {
			return nil
		}
		p.rest = p.rest[1:]
	}
}

// listGoesOn reports whether a | is glued between two values of a list, as in from:here|?; what follows must not be a term of its own.
func (p *filterParser) listGoesOn() bool {
	behind, found := strings.CutPrefix(p.rest, "|")
	if !found || behind == "" || behind[0] == '|' || behind[0] == '!' || behind[0] == ',' {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(behind); unicode.IsSpace(r) {
		return false
	}
	name, operator := splitField(behind)
	_, known := findFilterField(name)
	return operator == "" || name != "" && !known
}

// value reads a quoted text, or everything to where ends holds.
func (p *filterParser) value(ends func(rune) bool) (string, error) {
	start := p.rest
	if p.rest[0] != '"' {
		end := strings.IndexFunc(p.rest, ends)
		if end < 0 {
			end = len(p.rest)
		}
		p.rest = p.rest[end:]
		return start[:end], nil
	}
	var value strings.Builder
	for i := 1; i < len(start); i++ {
		switch c := start[i]; {
		case c == '"':
			p.rest = start[i+1:]
			if r, _ := utf8.DecodeRuneInString(p.rest); p.rest != "" && !ends(r) && !isWordEnd(r) {
				return "", filterError(firstWord(start), `text follows the closing quote: put a space between, or write \" for a quote`)
			}
			if value.Len() == 0 {
				return "", filterError(`""`, "there is nothing between the quotes: leave them away")
			}
			return value.String(), nil
		case c == '\\' && i+1 < len(start) && (start[i+1] == '"' || start[i+1] == '\\'):
			i++
			value.WriteByte(start[i])
		default:
			value.WriteByte(c)
		}
	}
	return "", filterError(start, `the closing " is missing`)
}

func (p *filterParser) atEnd() bool {
	r, _ := utf8.DecodeRuneInString(p.rest)
	return p.rest == "" || isWordEnd(r)
}

func isWordEnd(r rune) bool { return r == '|' || unicode.IsSpace(r) }

// splitField splits off letters and an operator at the start of text. The operator is empty where the text is a plain word.
func splitField(text string) (name, operator string) {
	n := 0
	for n < len(text) && (text[n] >= 'a' && text[n] <= 'z' || text[n] >= 'A' && text[n] <= 'Z') {
		n++
	}
	name = text[:n]
	for _, operator := range []string{">=", "<=", ">", "<"} {
		if strings.HasPrefix(text[n:], operator) {
			return name, operator
		}
	}
	if n > 0 && n < len(text) && strings.IndexByte(":~=", text[n]) >= 0 {
		return name, text[n : n+1]
	}
	return name, ""
}

func findFilterField(name string) (filterField, bool) {
	for _, field := range filterFields {
		if strings.EqualFold(field.name, name) {
			return field, true
		}
	}
	return filterField{}, false
}

func filterFieldNames() string {
	names := make([]string, len(filterFields))
	for i, field := range filterFields {
		names[i] = field.name
	}
	return strings.Join(names, ", ")
}

func firstWord(text string) string {
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		return text[:end]
	}
	return text
}

func filterError(word, reason string) error {
	return fmt.Errorf("filter word %q: %s", word, reason)
}

func readPattern(t *filterTerm) (err error) {
	t.pattern, err = regexp.Compile(t.values[0])
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Errorf(`it is no regular expression, %s at %q: put \ before a sign that stands for itself`, wrong.Code, wrong.Expr)
	}
	return err
}

func readStates(t *filterTerm) error {
	for i, value := range t.values {
		status := Status(strings.ToLower(value))
		if !slices.Contains(filterStates[:], status) {
			names := make([]string, len(filterStates))
			for j, s := range filterStates {
				names[j] = string(s)
			}
			return fmt.Errorf("%q is no state: use %s", value, strings.Join(names, ", "))
		}
		t.values[i] = string(status)
	}
	return nil
}

// filterStates are the states that can be asked for: every Status.
var filterStates = [...]Status{
	StatusQueued, StatusMatching, StatusUploading, StatusPaused, StatusStalled, StatusRetrying, StatusFailed, StatusChanged, StatusReady,
	StatusCompleting, StatusVerifying, StatusDone, StatusSkipped, StatusAborting, StatusAborted, StatusGone, StatusUnknown, StatusStale,
}

func readAge(t *filterTerm) error {
	age, err := ParseAge(t.values[0])
	t.limit = int64(age)
	return err
}

func readSize(t *filterTerm) (err error) {
	t.limit, err = ParseSize(t.values[0])
	return err
}

func readCount(t *filterTerm) (err error) {
	if t.limit, err = strconv.ParseInt(t.values[0], 10, 32); err != nil || t.limit < 0 {
		return fmt.Errorf("%q is not a number: write it as in parts>5", t.values[0])
	}
	return nil
}

func readAnything(*filterTerm) error { return nil }
