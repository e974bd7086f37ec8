package profile

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	minPartSize = 100 << 10 // bytes; OSS refuses smaller parts but for the last
	maxPartSize = 5 << 30   // bytes; OSS refuses larger ones
	maxAtOnce   = 1024      // parts or files at once: a bound against typing errors, not advice
)

// Settings are the plain wishes of a profile of config.toml. The zero value of each means "not said".
type Settings struct {
	Bucket        string  // where to go when no bucket is named
	Protect       bool    // every abort is typed
	ReadOnly      bool    // nothing is changed on the server
	PartSize      int64   // bytes, 100 KiB to 5 GiB
	Parts         int     // parts of one file at once
	Files         int     // files at once
	Limit         int64   // bytes a second for everything together
	StorageClass  string  // of new objects, as OSS names it
	PriceGiBMonth float64 // what a GiB costs in a month, in the user's currency

	UI   map[string]any // the table [ui] of config.toml, not interpreted here
	Keys map[string]any // the table [keys] of config.toml, not interpreted here
}

// parseSize reads a number of bytes with a unit: "32MiB", "32M", "1.5g", "4096". All units are powers of 1024, as in
// ossutil. The empty string is 0.
func parseSize(s string) (int64, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if text == "" {
		return 0, nil
	}
	digits := strings.TrimRight(text, "bikmgt ")
	unit := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(text[len(digits):]), "b"), "i")
	factor, ok := map[string]float64{"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}[unit]
	n, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || !(n >= 0) || n*factor >= math.MaxInt64 {
		return 0, fmt.Errorf("%s is not a size like \"32MiB\"", quote(s))
	}
	return int64(n * factor), nil
}
