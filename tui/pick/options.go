package pick

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"partway/model"
)

// Options are how a batch of files is to be sent.
type Options struct {
	Prefix string // of the keys; a folder ends in /
	Flat   bool   // the folders inside a marked folder are not kept
	Write  model.WriteOptions
	Send   model.SendOptions
	// Limit is the bandwidth of all uploads together in bytes a second, 0 for none; nil leaves it as it is.
	Limit *int64
}

// Texts are options as they stand in a form. Choices hold legal words only; the others hold whatever was typed.
type Texts struct {
	Prefix, PartSize, Parts, Limit, ContentType, Metadata, Tags string
	StorageClass, ACL, IfExists                                 string
	Keep, MD5, Paused                                           bool
}

// The words of the choices of a form, the default first.
func StorageClasses() []string {
	return []string{"Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"}
}

// ACLs are the access rules of an object.
func ACLs() []string { return []string{"inherit", "private", "public-read", "public-read-write"} }

// IfExistsRules are what can be done where an object of the key exists.
func IfExistsRules() []string { return []string{"fail", "skip", "overwrite"} }

// Text writes options as a form shows them.
func (o Options) Text() Texts {
	t := Texts{Prefix: o.Prefix, PartSize: "auto", Parts: "auto", Limit: "as it is", ContentType: o.Write.ContentType,
		Metadata: joinPairs(o.Write.Metadata), Tags: joinPairs(o.Write.Tags), StorageClass: o.Write.StorageClass, ACL: o.Write.ACL,
		IfExists: string(o.Write.IfExists), Keep: !o.Flat, MD5: !o.Send.NoMD5, Paused: o.Send.Paused}
	if o.Send.PartSize > 0 {
		t.PartSize = model.ExactSize(o.Send.PartSize)
	}
	if o.Send.Parts > 0 {
		t.Parts = strconv.Itoa(o.Send.Parts)
	}
	if o.Limit != nil {
		t.Limit = "off"
		if *o.Limit > 0 {
			t.Limit = model.ExactSize(*o.Limit)
		}
	}
	if t.StorageClass == "" {
		t.StorageClass = StorageClasses()[0]
	}
	if t.ACL == "" || t.ACL == "default" {
		t.ACL = ACLs()[0]
	}
	if t.IfExists == "" {
		t.IfExists = IfExistsRules()[0]
	}
	return t
}

// Errors are what is wrong with a form, by the name of the line.
type Errors struct{ Prefix, PartSize, Parts, Limit, ContentType, Metadata, Tags string }

// Any reports whether something is wrong.
func (e Errors) Any() bool { return e != Errors{} }

// Options reads a form. largest is the size in bytes of the largest file that the options are for: a part size that would cut it
// into too many parts is wrong. The result is usable only where nothing is wrong.
func (t Texts) Options(largest int64) (o Options, wrong Errors) {
	o = Options{Prefix: t.Prefix, Flat: !t.Keep, Write: model.WriteOptions{ContentType: strings.TrimSpace(t.ContentType)},
		Send: model.SendOptions{NoMD5: !t.MD5, Paused: t.Paused}}
	say := func(to *string, err error) {
		if err != nil {
			*to = err.Error()
		}
	}
	var err error
	if t.Prefix != "" {
		say(&wrong.Prefix, model.CheckKey(t.Prefix+"x"))
	}
	o.Send.PartSize, err = readPartSize(t.PartSize, largest)
	say(&wrong.PartSize, err)
	o.Send.Parts, err = readParts(t.Parts)
	say(&wrong.Parts, err)
	o.Limit, err = readLimit(t.Limit)
	say(&wrong.Limit, err)
	say(&wrong.ContentType, checkHeader(o.Write.ContentType))
	o.Write.Metadata, err = readMetadata(t.Metadata)
	say(&wrong.Metadata, err)
	o.Write.Tags, err = readTags(t.Tags)
	say(&wrong.Tags, err)
	if t.StorageClass != StorageClasses()[0] {
		o.Write.StorageClass = t.StorageClass
	}
	if t.ACL != ACLs()[0] {
		o.Write.ACL = t.ACL
	}
	if t.IfExists != IfExistsRules()[0] {
		o.Write.IfExists = model.IfExists(t.IfExists)
	}
	return o, wrong
}

func readPartSize(text string, largest int64) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "auto") {
		return 0, nil
	}
	size, err := model.ParseSize(text)
	if err != nil {
		return 0, err
	}
	// 0 is "choose one" to a plan, and not what was typed.
	if _, err = model.NewPlan(min(largest, model.MaxObjectSize), max(size, 1)); err != nil {
		return 0, err
	}
	return size, nil
}

// maxParts is the largest number of parts at once that the command line takes too.
const maxParts = 1024

func readParts(text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "auto") {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxParts {
		return 0, fmt.Errorf("a number from 1 to %d, or auto", maxParts)
	}
	return n, nil
}

func readLimit(text string) (*int64, error) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "", "as it is":
		return nil, nil
	case "off", "none":
		return new(int64), nil
	}
	n, err := model.ParseSize(strings.TrimSuffix(text, "/s"))
	if err != nil {
		return nil, err
	}
	return &n, nil
}

func checkHeader(value string) error {
	for _, r := range value {
		if r < ' ' || r == 0x7f {
			return fmt.Errorf("it holds a control character, which no header can carry")
		}
	}
	return nil
}

// The limits that OSS documents: all metadata together, and the number and length of tags in characters.
const (
	maxMetadataBytes = 8 << 10
	maxTags          = 10
	maxTagKey        = 128
	maxTagValue      = 256
)

func readMetadata(text string) (map[string]string, error) {
	pairs, err := readPairs(text)
	if err != nil {
		return nil, err
	}
	size := 0
	for name, value := range pairs {
		for _, r := range name {
			if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-') {
				return nil, fmt.Errorf("the name %q may hold letters, digits and - only", name)
			}
		}
		if err := checkHeader(value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		size += len(name) + len(value)
	}
	if size > maxMetadataBytes {
		return nil, fmt.Errorf("%s of metadata, and OSS takes at most %s", model.ExactSize(int64(size)), model.ExactSize(maxMetadataBytes))
	}
	return pairs, nil
}

func readTags(text string) (map[string]string, error) {
	pairs, err := readPairs(text)
	if err != nil {
		return nil, err
	}
	if len(pairs) > maxTags {
		return nil, fmt.Errorf("%d tags, and OSS takes at most %d", len(pairs), maxTags)
	}
	for name, value := range pairs {
		if len([]rune(name)) > maxTagKey || len([]rune(value)) > maxTagValue {
			return nil, fmt.Errorf("a tag has at most %d characters before the = and %d behind it", maxTagKey, maxTagValue)
		}
		for _, r := range name + value {
			// The characters that OSS documents for tags.
			if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+-=._:/ ", r)) {
				return nil, fmt.Errorf("%q: a tag may hold letters, digits, blanks and + - = . _ : / only", string(r))
			}
		}
	}
	return pairs, nil
}

// readPairs reads name=value words; a value with blanks is quoted as in a shell.
func readPairs(text string) (map[string]string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	pairs := map[string]string{}
	for _, word := range shellWords(strings.TrimSpace(text)) {
		name, value, found := strings.Cut(word, "=")
		switch _, twice := pairs[name]; {
		case !found || name == "":
			return nil, fmt.Errorf("%q is not of the form name=value", word)
		case twice:
			return nil, fmt.Errorf("%q is given twice", name)
		}
		pairs[name] = value
	}
	return pairs, nil
}

func joinPairs(pairs map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		value := pairs[name]
		if value == "" || strings.ContainsAny(value, " \t'\"\\$") {
			value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		}
		words = append(words, name+"="+value)
	}
	return strings.Join(words, " ")
}

// Warnings says what the options cost or open that is easy to overlook.
func (o Options) Warnings() (warnings []string) {
	days := map[string]int{"IA": 30, "Archive": 60, "ColdArchive": 180, "DeepColdArchive": 180}
	if n := days[o.Write.StorageClass]; n > 0 {
		warnings = append(warnings, fmt.Sprintf("%s: %d days minimum storage time are charged", o.Write.StorageClass, n))
		if o.Write.StorageClass != "IA" {
			warnings = append(warnings, o.Write.StorageClass+": has to be restored before it can be read")
		}
	}
	switch o.Write.ACL {
	case "public-read":
		warnings = append(warnings, "public-read: anybody can read the objects")
	case "public-read-write":
		warnings = append(warnings, "public-read-write: anybody can read and replace the objects")
	}
	if o.Prefix != "" && !strings.HasSuffix(o.Prefix, "/") {
		warnings = append(warnings, "the prefix does not end in /: names are joined to it directly")
	}
	if o.Write.IfExists == model.IfExistsOverwrite {
		warnings = append(warnings, "existing objects are overwritten")
	}
	return warnings
}
