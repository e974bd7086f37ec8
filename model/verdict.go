package model

import (
	"strings"
	"time"
)

// Verdict is a judgement on an upload that no job owns: what it is good for and what should be done with it. More than one can
// hold; they are in the order of weight.
type Verdict string

// The verdicts.
const (
	VerdictAlive     Verdict = "alive elsewhere"        // a part arrived a moment ago: hands off
	VerdictEmpty     Verdict = "empty"                  // no part: costs nothing, blocks DeleteBucket
	VerdictGaps      Verdict = "has gaps"               // part numbers are missing: cannot be the whole file
	VerdictSmall     Verdict = "has parts too small"    // Complete would refuse it
	VerdictWhole     Verdict = "ready to complete"      // no gap, legal sizes; whether the tail is there only its owner knows
	VerdictAbandoned Verdict = "abandoned"              // no new part for a long time
	VerdictTwin      Verdict = "another of this key"    // several uploads of one key
	VerdictOverdue   Verdict = "object is newer"        // an object of the key was stored after the last part
	VerdictUnknown   Verdict = "not measured yet"       // nothing but key, id and start are known
	VerdictVanished  Verdict = "gone since it was read" // NoSuchUpload
)

// JudgeOptions are the ages that verdicts hang on.
type JudgeOptions struct {
	Alive     time.Duration // a part younger than this: somebody is sending; 0 means an hour
	Abandoned time.Duration // no part for longer than this: abandoned; 0 means 7 days
}

// DefaultAlive is the age below which a newest part says that somebody is sending.
const DefaultAlive = time.Hour

// Judge gives the verdicts on a leftover at the time now. twins is the number of unfinished uploads of its key, itself included.
func Judge(l Leftover, now time.Time, twins int, options JudgeOptions) []Verdict {
	alive, abandoned := options.Alive, options.Abandoned
	if alive == 0 {
		alive = DefaultAlive
	}
	if abandoned == 0 {
		abandoned = 7 * 24 * time.Hour
	}
	idle := now.Sub(l.LastActivity())
	var verdicts []Verdict
	add := func(v Verdict, holds bool) {
		if holds {
			verdicts = append(verdicts, v)
		}
	}
	if l.Vanished {
		return []Verdict{VerdictVanished}
	}
	add(VerdictUnknown, !l.Measured)
	if l.Measured {
		add(VerdictAlive, idle < alive)
		add(VerdictEmpty, l.Parts == 0)
		add(VerdictGaps, l.Gaps > 0)
		add(VerdictSmall, l.TooSmall > 0)
		add(VerdictWhole, l.Parts > 0 && l.Gaps == 0 && l.TooSmall == 0 && idle >= alive)
	}
	// Before it is measured only its start is known, and a slow upload can be old and alive.
	add(VerdictOverdue, l.Measured && l.Object != nil && l.Object.Modified.After(l.LastActivity()))
	add(VerdictAbandoned, l.Measured && idle >= abandoned)
	add(VerdictTwin, twins > 1)
	return verdicts
}

// JoinVerdicts writes verdicts as one phrase.
func JoinVerdicts(verdicts []Verdict) string {
	words := make([]string, len(verdicts))
	for i, v := range verdicts {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

// MonthlyCost is what bytes cost a month at a price for a GiB and month, in the currency of the price.
func MonthlyCost(bytes int64, pricePerGiB float64) float64 {
	return float64(bytes) / float64(GiB) * pricePerGiB
}
