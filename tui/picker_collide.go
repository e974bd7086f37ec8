package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// collisions asks once for every class of what stands in the way, with a rule for each. It acts on the plan it was opened with.
type collisions struct {
	p       *pickerScreen
	plan    *pick.Plan
	options pick.Options
	rules   pick.Rules
	failed  []string
	asks    []pick.Class
	at      int
}

func newCollisions(p *pickerScreen, rules pick.Rules) *collisions {
	return &collisions{p: p, plan: p.plan, options: p.options, rules: rules, asks: p.plan.Asks(), failed: p.failedFolders()}
}

func (c *collisions) scope() scope                 { return inOverlay }
func (c *collisions) update(*App, tea.Msg) tea.Cmd { return nil }
func (c *collisions) field() *field                { return nil }

func (c *collisions) move(_ *App, how motion) tea.Cmd {
	c.at = min(max(c.at+how.lines(len(c.asks)), 0), max(len(c.asks)-1, 0))
	return nil
}

// choices: y queues, never enter, which opened this.
func (c *collisions) choices(*App) []choice {
	turn := func(step int) func(*App) tea.Cmd {
		return func(*App) tea.Cmd {
			if len(c.asks) == 0 {
				return nil
			}
			class := c.asks[c.at]
			ways := pick.Ways(class)
			for i, w := range ways {
				if w == c.rules[class] {
					c.rules[class] = ways[(i+step+len(ways))%len(ways)]
					break
				}
			}
			return nil
		}
	}
	return []choice{
		choose("y", "queue with these rules", func(a *App) tea.Cmd {
			a.pop()
			return c.p.send(a, c.plan, c.options, c.rules)
		}),
		choose("h", "", turn(-1), "left"),
		choose("h l", "other rule", turn(1), "l", "right", "space"),
		choose("esc", "back", closeTop, "n", "q", "backspace"),
	}
}

func (c *collisions) view(a *App, w, h int) []theme.Line {
	_, files := c.plan.Commands(c.rules, c.options, c.p.place)
	shown := 2
	if h < 20 {
		shown = 1
	}
	var body []theme.Line
	for i, class := range c.asks {
		group := c.plan.Group(class)
		line := theme.L(theme.Text, gutter(i == c.at, false)).Add(theme.Strong, number(len(group))+"  ").Add(theme.Text, class.String())
		body = append(body, line.Right(w-2, theme.L(theme.Key, ruleWords(class, c.rules[class]))))
		for _, n := range group[:min(shown, len(group))] {
			body = append(body, theme.Line{}.Space(6).Join(c.p.collisionLine(a, &c.plan.Items[n], w-10)))
		}
		if len(group) > shown {
			body = append(body, theme.Line{}.Space(6).Add(theme.Faint, "and "+number(len(group)-shown)+" more"))
		}
	}
	for i, f := range c.failed {
		if i == shown {
			body = append(body, theme.L(theme.Faint, "  and "+count(len(c.failed)-i, "more folder")))
			break
		}
		body = append(body, theme.L(theme.Warn, theme.L(theme.Warn, "! not read: "+f).Cut(w-4).String()))
	}
	feet := []theme.Line{nil, theme.L(theme.Strong, fmt.Sprintf(" %s of %s queued with these rules", number(files), count(len(c.plan.Items), "file")))}
	scrolled := max(0, min(c.at*(shown+2)-2, len(body)))
	return panel(a, w, h, "BEFORE THEY ARE QUEUED", body, feet, c.choices(a), scrolled)
}

func ruleWords(class pick.Class, way pick.Way) string {
	switch {
	case class == pick.ClassTwin:
		return "the first is sent, the others left out"
	case class == pick.ClassForeign && way == pick.Send:
		return "begin a new upload beside it"
	}
	return way.String()
}

// collisionLine is a file and what stands in its way.
func (p *pickerScreen) collisionLine(a *App, it *pick.Item, w int) theme.Line {
	why := ""
	switch it.Class {
	case pick.ClassNone:
		return theme.L(theme.Text, a.look.middle(it.Relative, w))
	case pick.ClassTwin:
		why = "as " + a.look.middle(it.Why, w/2)
	case pick.ClassTaken:
		why = "from " + a.look.middle(it.Why, w/2)
	case pick.ClassForeign:
		why = foreignWords(a, it)
	case pick.ClassExists:
		why = objectWords(a, it.Stale)
	case pick.ClassGrowing:
		why = "changed " + ago(it.ModTime, p.world.Now)
	default:
		why = a.look.cut(it.Why, w*2/3)
	}
	name := a.look.middle(it.Relative, max(w-theme.Width(why)-2, 12))
	return theme.L(theme.Text, name).Space(2).Add(theme.Faint, why).Cut(w)
}

func foreignWords(a *App, it *pick.Item) string {
	left := it.Left
	text := "begun " + ago(left.Initiated, a.now)
	if left.Measured {
		text += ", " + count(left.Parts, "part") + ", " + model.FormatSize(left.Held) + ", " + lastPartWords(left, a.now)
	}
	if it.Why != "" {
		text += "; " + it.Why
	}
	return text
}

func objectWords(a *App, o *model.ObjectFact) string {
	return "object of " + model.FormatSize(o.Size) + ", stored " + ago(o.Modified, a.now)
}
