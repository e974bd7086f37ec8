package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var sizeUnits = [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}

// FormatSize writes a number of bytes for people: binary units, one digit behind the point below 100, none from there on, so
// that columns keep their width: "0 B", "1.0 KiB", "31.4 MiB", "212 GiB". It rounds; ExactSize does not.
func FormatSize(bytes int64) string {
	if bytes < 1024 {
		return strconv.FormatInt(bytes, 10) + " B"
	}
	value, unit := float64(bytes), 0
	for value >= 1024 && unit < len(sizeUnits)-1 {
		value /= 1024
		unit++
	}
	if value >= 999.5 && unit < len(sizeUnits)-1 { // "1000 MiB" is a column wider than "1.0 GiB"
		value /= 1024
		unit++
	}
	if value < 99.95 {
		return fmt.Sprintf("%.1f %s", value, sizeUnits[unit])
	}
	return fmt.Sprintf("%.0f %s", value, sizeUnits[unit])
}

// ExactSize writes a number of bytes so that no byte is lost: in the largest unit that divides it, "100 KiB", "5 GiB",
// "102401 B".
func ExactSize(bytes int64) string {
	value, unit := bytes, 0
	for value != 0 && value%1024 == 0 && unit < len(sizeUnits)-1 {
		value /= 1024
		unit++
	}
	return fmt.Sprintf("%d %s", value, sizeUnits[unit])
}

// FormatRate writes bytes a second: "31.4 MiB/s".
func FormatRate(bytesPerSecond float64) string {
	return FormatSize(int64(math.Round(bytesPerSecond))) + "/s"
}

// FormatDuration writes a duration in two units at most: "8s", "16m", "1h07", "2d", "214d"; "?" for a negative one.
func FormatDuration(d time.Duration) string {
	switch {
	case d < 0:
		return "?"
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02d", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}

// ParseSize reads a size as people type it: "32M", "32MiB", "1.5 GiB", "102400". Units are binary whatever their spelling, as
// everywhere in the program. Errors name the text.
func ParseSize(text string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	digits := strings.TrimRight(s, "kmgtpib ")
	unit := strings.TrimSpace(s[len(digits):])
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "b"), "i")
	factors := map[string]float64{"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
	factor, known := factors[unit]
	value, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || !known:
		return 0, fmt.Errorf("%q is not a size: write a number and a unit, as in 32M, 1.5G or 102400", text)
	case value < 0 || math.IsNaN(value) || value*factor > float64(math.MaxInt64/2):
		return 0, fmt.Errorf("%q is not a possible size", text)
	}
	return int64(math.Round(value * factor)), nil
}

// maxAge bounds each unit of an age to a century, so that their sum stays far from the 292 years a time.Duration can hold.
const maxAge = 100 * 366 * 24 * time.Hour

// ParseAge reads an age as people type it: what time.ParseDuration takes, and days and weeks: "7d", "2w", "36h", "1d12h".
func ParseAge(text string) (time.Duration, error) {
	rest := strings.TrimSpace(text)
	var sum time.Duration
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		head, tail, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseFloat(head, 64)
		if err != nil || n < 0 || math.IsNaN(n) || n*float64(unit.length) > float64(maxAge) {
			return 0, ageError(text)
		}
		sum += time.Duration(n * float64(unit.length))
		rest = tail
	}
	if rest == "" && strings.TrimSpace(text) != "" {
		return sum, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d > maxAge {
		return 0, ageError(text)
	}
	return sum + d, nil
}

func ageError(text string) error {
	return fmt.Errorf("%q is not an age: write it as in 7d, 36h or 90m", text)
}
