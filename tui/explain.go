package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// explainable reports whether ? explains an overlay. Where text is typed it is a character, but for a typed confirmation, whose word
// never holds it.
func explainable(over overlay) bool {
	if p, is := over.(*page); is && p.explains {
		return false
	}
	if over.field() == nil {
		return true
	}
	d, is := over.(interface{ confirmation() string })
	return is && d.confirmation() != "" && !strings.Contains(d.confirmation(), "?")
}

// explain shows what the keys of the overlay on top do, and how it guards against a slip.
func explain(a *App, _ target) tea.Cmd {
	over, is := a.top().(overlay)
	if !is || !explainable(over) {
		return nil
	}
	word := ""
	if d, is := over.(interface{ confirmation() string }); is {
		word = d.confirmation()
	}
	choices := over.choices(a)
	_, moves := over.(mover)
	a.push(&page{title: "HELP  what lies over the view", explains: true, lines: func(a *App, w int, _ string) []theme.Line {
		return explained(choices, moves, word, w)
	}})
	return nil
}

func explained(choices []choice, moves bool, word string, w int) []theme.Line {
	var lines []theme.Line
	add := func(keys, text string) {
		for i, s := range wrap(text, max(w-12, 10)) {
			if i > 0 {
				keys = ""
			}
			lines = append(lines, theme.L(theme.Text, " ").Add(theme.Key, theme.PadRight(keys, 10)).Space(1).Add(theme.Text, s))
		}
	}
	enter := false
	for _, c := range choices {
		for _, k := range c.binding.Keys() {
			enter = enter || k == "enter"
		}
		if h := c.binding.Help(); h.Desc != "" {
			add(h.Key, h.Desc)
		}
	}
	if moves {
		add("j k", "a line down, up; ctrl-d ctrl-u half a page, g G to the ends")
	}
	lines = append(lines, nil)
	var rules []string
	switch {
	case word != "":
		rules = append(rules, "It has to be typed: "+clean(word)+". A key that is hit by chance does nothing here, and pasted text is not taken.")
	case !enter:
		rules = append(rules, "Enter does nothing here, so that no run of keys agrees to anything.")
	}
	rules = append(rules, "What it acts on was fixed when it opened, whatever moves behind it. esc leaves everything as it is.")
	for _, r := range rules {
		for _, s := range wrap(r, w-2) {
			lines = append(lines, theme.L(theme.Text, " "+s))
		}
	}
	return lines
}
