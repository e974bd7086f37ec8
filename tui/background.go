package tui

import (
	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// askBackground asks the terminal for its background, where nobody chose a theme. A terminal that does not know the question does
// not answer, and is taken for dark; nothing waits for it.
func (a *App) askBackground() tea.Cmd {
	if a.o.Theme != "" || a.o.NoColor {
		return nil
	}
	return tea.RequestBackgroundColor
}

// onBackground takes the answer. Cyan and yellow cannot be read on white.
func (a *App) onBackground(msg tea.BackgroundColorMsg) {
	if a.o.Theme != "" || a.o.NoColor || msg.IsDark() {
		return
	}
	if light, err := theme.New("light"); err == nil {
		a.look.theme = light
	}
}
