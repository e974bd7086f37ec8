package safe

import "strings"

// Hostile is foreign text that would do harm if it reached a terminal raw. Text is what an attacker names an object, or lets a
// server answer.
type Hostile struct {
	Name string // what it tries, for a subtest's name
	Text string
}

// HostilePayloads are what every screen, message and log that shows foreign text is tested with: each is known to pass through
// common styling and table libraries, terminal renderers or escape strippers. Each contains the word "evil", so that a test can
// see that it was shown at all.
func HostilePayloads() []Hostile {
	return []Hostile{
		{"OSC 52 writes the clipboard", "evil\x1b]52;c;cm0gLXJmIC8=\x07"},
		{"OSC 52 ended by ST", "evil\x1b]52;c;cm0gLXJmIC8=\x1b\\"},
		{"OSC 0 sets the title", "evil\x1b]0;owned\x07"},
		{"OSC 8 links", "evil\x1b]8;;http://example.org/\x1b\\click\x1b]8;;\x1b\\"},
		{"OSC without an end", "evil\x1b]0;swallows the rest"},
		{"CSI 2J clears the screen", "evil\x1b[2J\x1b[H"},
		{"CSI m colours", "evil\x1b[31;1mred\x1b[0m"},
		{"CSI 6n makes the terminal answer", "evil\x1b[6n"},
		{"RIS resets the terminal", "evil\x1bc"},
		{"C1 CSI", "evil\u009b2J"},
		{"C1 OSC", "evil\u009d52;c;cm0gLXJmIC8=\u009c"},
		{"C1 CSI as a raw byte", "evil\x9b2J"},
		{"DCS", "evil\x1bP+q544e\x1b\\"},
		{"APC, kitty graphics", "evil\x1b_Gf=100;AAAA\x1b\\"},
		{"PM", "evil\x1b^private\x1b\\"},
		{"SOS", "evil\x1bXstring\x1b\\"},
		{"NUL", "evil\x00end"},
		{"CR overwrites the row", "evil\rgood"},
		{"BS overwrites", "evil\b\b\b\bgood"},
		{"LF adds a row", "evil\nrow"},
		{"TAB", "evil\tcolumn"},
		{"DEL", "evil\x7f"},
		{"BEL", "evil\a"},
		{"line separator", "evil\u2028row"},
		{"RLO turns the name around", "evil\u202egpj.exe"},
		{"LRI", "evil\u2066a\u2069"},
		{"ALM", "evil\u061c"},
		{"zero-width space", "ev\u200bil evil"},
		{"zero-width joiner", "evil\U0001F468\u200d\U0001F469"},
		{"byte order mark", "evil\ufeff"},
		{"tag characters", "evil\U000E0041\U000E007F"},
		{"soft hyphen", "ev\u00adil evil"},
		{"Hangul filler", "evil\u3164"},
		{"no-break space", "evil\u00a0name"},
		{"variation selector", "evil\u2764\ufe0f"},
		{"interlinear annotation", "evil\ufff9a\ufffab\ufffb"},
		{"Zalgo", "evi" + "l" + strings.Repeat("\u0301\u0327", 50)},
		{"mark without a base", "\u0301evil"},
		{"Indic conjunct without end", "evil" + strings.Repeat("\u0915\u094d", 60) + "\u0915"},
		{"Hangul jamo without end", "evil" + strings.Repeat("\u1100", 60)},
		{"flags", "evil\U0001F1E8\U0001F1F3\U0001F1E8"},
		{"invalid UTF-8", "evil\xff\xc2"},
		{"overlong ESC", "evil\xc0\x9b[2J"},
		{"surrogate half", "evil\xed\xa0\x80"},
		{"escape that looks done", `evil\x1b[2J`},
	}
}
