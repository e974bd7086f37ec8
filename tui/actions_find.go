package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// simple is an action on the list that sends nothing.
func simple(name, group string, in scope, keys []string, shown, text string, run func(*App)) action {
	return action{name: name, group: group, scope: in, binding: help(bind(keys...), shown, text),
		run: func(a *App, _ target) tea.Cmd {
			run(a)
			return nil
		}}
}

func markActions() []action {
	select1 := simple("select", groupMark, inMain, []string{"space"}, "space", "mark the row and go on to the next", func(a *App) {
		if r := a.main.list.under(); r != nil {
			a.main.list.toggle(r.id)
		}
		a.main.list.cursor.Move(1)
	})
	return []action{
		select1,
		simple("range", groupMark, inMain, []string{"v"}, "v", "mark a range: here, then at its other end", func(a *App) {
			if a.main.list.markRange() {
				a.say(plainNote, "range begins here; v at its other end marks it")
			}
		}),
		simple("mark-all", groupMark, inMain, []string{"*"}, "*", "mark all shown", func(a *App) { a.main.list.markShown(false) }),
		simple("unmark", groupMark, inMain, []string{`\`}, `\`, "unmark all", func(a *App) { a.main.list.clearMarks() }),
		simple("invert", groupMark, inMain, []string{"I"}, "I", "invert the marks of what is shown", func(a *App) { a.main.list.markShown(true) }),
	}
}

func findActions() []action {
	acts := []action{
		{name: "filter", group: groupFind, scope: inMain, binding: help(bind("/"), "/", "filter: words, state:failed, age>7d, held>10G, from:?, !, |"),
			run: func(a *App, _ target) tea.Cmd { a.push(newFilterBar(a)); return nil }},
		simple("unfilter", groupFind, inMain, []string{"esc"}, "esc", "clear the filter", func(a *App) {
			if a.main.list.text != "" {
				a.main.list.setFilter("", model.Filter{})
			}
		}),
		{name: "sort", group: groupFind, scope: inMain, binding: help(bind("o"), "o", "sort by"),
			run: func(a *App, _ target) tea.Cmd { a.push(newSortMenu(a)); return nil }},
		simple("reverse", groupFind, inMain, []string{"O"}, "O", "reverse the order", func(a *App) {
			a.main.list.reverse = !a.main.list.reverse
			a.main.list.arrange(false)
		}),
		simple("columns", groupFind, inMain, []string{"w"}, "w", "other columns: last part, parts, class", func(a *App) { a.main.wide = !a.main.wide }),
		simple("preview", groupFind, inMain, []string{"z"}, "z", "preview: normal, large, off", func(a *App) {
			a.main.preview = (a.main.preview + 1) % 3
		}),
	}
	for i, name := range []string{"everything", "uploads of this machine", "everything unfinished in the bucket", "what needs you", "what is finished"} {
		acts = append(acts, simple(fmt.Sprintf("lens-%d", i+1), groupFind, inMain, []string{fmt.Sprint(i + 1)}, fmt.Sprint(i+1), "show "+name,
			func(a *App) { a.main.list.setLens(lens(i + 1)) }))
	}
	return acts
}
