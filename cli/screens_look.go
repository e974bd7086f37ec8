package cli

import (
	"slices"
	"strconv"
	"strings"

	"partway/tui"
	"partway/tui/theme"
)

// lookOf decides how the screens look on this terminal: a flag beats the profile's table [ui], and that beats what the terminal
// says of itself.
func (a *app) lookOf(f *screenFlags, ui map[string]any) (tui.Options, error) {
	o := tui.Options{Program: "partway", Glyphs: f.glyphs, Theme: f.theme, NoMouse: f.noMouse, Taskbar: taskbar(a.env.Getenv)}
	if o.Glyphs == "auto" {
		o.Glyphs = word(ui, "glyphs", glyphsOf(a.env.Getenv))
	}
	if o.Theme == "auto" {
		o.Theme = word(ui, "theme", themeOf(a.env.Getenv))
	}
	o.Currency, o.Notify = word(ui, "currency", ""), word(ui, "notify", "bell")
	if motion, is := ui["motion"].(bool); is {
		o.Calm = !motion
	}
	if mouse, is := ui["mouse"].(bool); is {
		o.NoMouse = o.NoMouse || !mouse
	}
	switch a.global.color {
	case "never":
		o.NoColor = true
	case "auto":
		o.NoColor = a.env.Getenv("NO_COLOR") != ""
	}
	if err := oneOf("notify", o.Notify, tui.Notifiers()...); err != nil {
		return o, err
	}
	if err := oneOf("--glyphs", o.Glyphs, theme.GlyphSets()...); err != nil {
		return o, err
	}
	return o, oneOf("--theme", o.Theme, append([]string{""}, theme.Names()...)...)
}

// word is a text of the table [ui]; "auto" and what is no text leave the decision to the program.
func word(ui map[string]any, name, otherwise string) string {
	if text, is := ui[name].(string); is && text != "" && text != "auto" {
		return text
	}
	return otherwise
}

// glyphsOf chooses the glyph set by the locale and the terminal. The Linux console and terminals of hardware have few glyphs; in
// an East Asian locale many glyphs may take two cells. Where no locale is set, as after ssh or in a container, UTF-8 is presumed.
func glyphsOf(getenv func(string) string) string {
	switch kind := getenv("TERM"); {
	case kind == "linux", strings.HasPrefix(kind, "vt"):
		return "ascii"
	}
	locale := getenv("LC_ALL")
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = getenv(name)
		}
	}
	lower := strings.ToLower(locale)
	utf8 := strings.Contains(lower, "utf-8") || strings.Contains(lower, "utf8")
	eastAsian := slices.ContainsFunc([]string{"zh", "ja", "ko"}, func(l string) bool { return strings.HasPrefix(lower, l+"_") })
	switch {
	case locale != "" && !utf8:
		return "ascii"
	case eastAsian:
		return "safe"
	}
	return "unicode"
}

// themeOf chooses between dark and light where the environment says it: some terminals give their colours as COLORFGBG,
// foreground;background in the numbering of the 16 colours. Empty leaves it to the screens, which ask the terminal.
func themeOf(getenv func(string) string) string {
	colours := strings.Split(getenv("COLORFGBG"), ";")
	background, err := strconv.Atoi(colours[len(colours)-1])
	switch {
	case err != nil:
		return ""
	case background == 7 || background == 15:
		return "light"
	}
	return "dark"
}

// taskbar reports whether the terminal shows progress in its tab or task bar when it is told with OSC 9;4. It is asked by a list of
// those that are known to: others show a notification for each step instead. A multiplexer swallows the sequence.
func taskbar(getenv func(string) string) bool {
	kind := getenv("TERM")
	if getenv("TMUX") != "" || getenv("STY") != "" || getenv("ZELLIJ") != "" || strings.HasPrefix(kind, "screen") || strings.HasPrefix(kind, "tmux") {
		return false
	}
	switch program := strings.ToLower(getenv("TERM_PROGRAM")); {
	case getenv("WT_SESSION") != "", getenv("KONSOLE_VERSION") != "", program == "ghostty", program == "wezterm", kind == "xterm-ghostty":
		return true
	case program == "iterm.app":
		return atLeast(getenv("TERM_PROGRAM_VERSION"), 3, 6) // older ones take it for a notification
	}
	vte, err := strconv.Atoi(getenv("VTE_VERSION"))
	return err == nil && vte >= 7900 // 0.79, the first that knows it
}

// atLeast compares a version like 3.6.2 with major.minor.
func atLeast(version string, major, minor int) bool {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	m, err := strconv.Atoi(first)
	if err != nil {
		return false
	}
	n, _ := strconv.Atoi(second)
	return m > major || m == major && n >= minor
}
