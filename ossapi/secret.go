package ossapi

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every printed form of a Secret shows.
const redacted = "****"

// Secret is a string that no printing, logging or encoding gives away: every
// such form shows "****". Use [Secret.Reveal] at the one place that signs.
type Secret string

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String gives "****".
func (Secret) String() string { return redacted }

// GoString gives "****", so that %#v does not show the secret either.
func (Secret) GoString() string { return redacted }

// Format prints "****" whatever the verb: without it %x and %q would bypass
// String for a string type.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON gives the JSON string "****".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText gives "****"; TOML, XML and YAML encoders use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives "****" to log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
