package tui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/model/safe"
)

// Places is what the switcher needs: where one can go. It is called from commands only, since a service can be slow to answer.
type Places interface {
	// Known lists the places that this machine knows of without asking anybody: the profiles with their buckets, the buckets of
	// the queue, those that were looked at. Both a list and an error may be returned: what could be read, and what could not.
	Known(context.Context) ([]PlaceInfo, error)
	// Buckets asks the service for the buckets of a profile.
	Buckets(ctx context.Context, profile string) ([]PlaceInfo, error)
	// Open makes a place ready to be looked at and fills in what Place says of it. Bucket must not be empty; of the rest what
	// is not known may be left out.
	Open(context.Context, PlaceInfo) (PlaceInfo, error)
}

// PlaceInfo is a bucket one can go to, or a profile whose buckets are not known yet. Its texts are foreign.
type PlaceInfo struct {
	Place  model.Place // Bucket is empty for a profile alone; the empty Profile is what the environment gives
	Prefix string
	// Protect says that every abort is typed there, ReadOnly that nothing is changed.
	Protect, ReadOnly bool
	// Problem says why one cannot go there, or is empty.
	Problem string
}

// switcher is the list of places to go to. What one types filters it, or is an address.
type switcher struct {
	input   *field
	known   []PlaceInfo
	at      int
	pending int // questions that are not answered yet
	err     string
	asked   map[string]bool // profiles whose buckets the service was asked for
}

// placesMsg brings places for a switcher; openedMsg, a place that was made ready.
type placesMsg struct {
	of    *switcher
	found []PlaceInfo
	err   error
}

type openedMsg struct {
	of    *switcher
	place PlaceInfo
	err   error
}

func (s *switcher) scope() scope   { return inOverlay }
func (s *switcher) field() *field  { return s.input }
func (s *switcher) edited(_ *App)  { s.at, s.err = 0, "" }
func (s *switcher) confirms() bool { return false }

// placeActions open the switcher.
func placeActions() []action {
	return []action{{name: "place", group: groupQueue, scope: inViews, binding: help(bind("b"), "b", "other bucket or profile"),
		can: func(a *App) string {
			if a.o.Places == nil {
				return "no other place is known here"
			}
			return ""
		},
		run: func(a *App, _ target) tea.Cmd { return a.openSwitcher() }}}
}

func (a *App) openSwitcher() tea.Cmd {
	s := &switcher{input: newField(1200), asked: map[string]bool{}}
	a.push(s)
	ctx, places := a.ctx, a.o.Places
	s.pending++
	return func() tea.Msg {
		found, err := places.Known(ctx)
		return placesMsg{s, found, err}
	}
}

// welcome opens the switcher where no bucket is on view, and the picker where paths were given.
func (a *App) welcome() tea.Cmd {
	switch {
	case a.snap.Bucket.Place.Bucket == "" && a.o.Places != nil:
		return a.openSwitcher()
	case len(a.o.Paths) > 0:
		words := make([]string, len(a.o.Paths))
		for i, path := range a.o.Paths {
			words[i] = safe.Quote(path)
		}
		return a.onPaste(tea.PasteMsg{Content: strings.Join(words, " ")})
	}
	return nil
}

func (s *switcher) update(a *App, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case placesMsg:
		if msg.of == s {
			s.pending--
			s.add(a, msg.found)
			if msg.err != nil {
				s.err = clean(firstLine(msg.err.Error()))
			}
		}
	case openedMsg:
		if msg.of == s {
			s.pending--
			return s.goTo(a, msg)
		}
	}
	return nil
}

// add merges places into the list: what is on view first, then in the order they came. The cursor stays on its place.
func (s *switcher) add(a *App, found []PlaceInfo) {
	here, on := s.under(a)
	for _, p := range found {
		same := func(q PlaceInfo) bool { return samePlace(p.Place, q.Place) && p.Prefix == q.Prefix }
		if i := slices.IndexFunc(s.known, same); i >= 0 {
			s.known[i].Protect = s.known[i].Protect || p.Protect
			s.known[i].ReadOnly = s.known[i].ReadOnly || p.ReadOnly
			continue
		}
		s.known = append(s.known, p)
	}
	// A profile alone is of no more use once one of its buckets is listed.
	s.known = slices.DeleteFunc(s.known, func(p PlaceInfo) bool {
		return p.Place.Bucket == "" && p.Problem == "" && slices.ContainsFunc(s.known, func(q PlaceInfo) bool {
			return q.Place.Bucket != "" && q.Place.Profile == p.Place.Profile && s.asked[p.Place.Profile]
		})
	})
	slices.SortStableFunc(s.known, func(p, q PlaceInfo) int { return s.rank(a, p) - s.rank(a, q) })
	if on {
		s.at = max(0, slices.IndexFunc(s.shown(), func(p PlaceInfo) bool { return p == here }))
	}
}

func (s *switcher) rank(a *App, p PlaceInfo) int {
	switch {
	case a.onView(p):
		return 0
	case p.Place.Bucket != "":
		return 1
	case p.Problem == "":
		return 2
	}
	return 3
}

// samePlace reports whether two places are one, as far as each of them says where it is.
func samePlace(p, q model.Place) bool { return p.Profile == q.Profile && sameServer(p, q) }

func (a *App) onView(p PlaceInfo) bool {
	b := a.snap.Bucket
	return p.Place.Bucket != "" && samePlace(p.Place, b.Place) && p.Prefix == b.Prefix
}

// shown is what the typed text leaves of the list: every word has to be in the profile, the bucket, the region or the endpoint.
func (s *switcher) shown() []PlaceInfo {
	words := strings.Fields(strings.ToLower(s.input.text()))
	if len(words) == 0 || s.typed() {
		return s.known
	}
	return slices.DeleteFunc(slices.Clone(s.known), func(p PlaceInfo) bool {
		text := strings.ToLower(strings.Join([]string{p.Place.Profile, p.Place.Bucket, p.Prefix, p.Place.Region, p.Place.Endpoint}, " "))
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	})
}

// typed reports whether the text is an address rather than a filter.
func (s *switcher) typed() bool {
	return strings.HasPrefix(strings.TrimSpace(s.input.text()), "oss://")
}

// under is the place at the cursor.
func (s *switcher) under(*App) (PlaceInfo, bool) {
	if shown := s.shown(); s.at >= 0 && s.at < len(shown) {
		return shown[s.at], true
	}
	return PlaceInfo{}, false
}

func (s *switcher) choices(*App) []choice {
	step := func(how motion) func(*App) tea.Cmd {
		return func(a *App) tea.Cmd {
			s.at = min(max(s.at+how.lines(10), 0), max(len(s.shown())-1, 0))
			return nil
		}
	}
	return []choice{
		choose("enter", "go", s.enter),
		choose("esc", "back", closeTop),
		choose("tab", "list the profile's buckets", s.ask),
		choose("down", "", step(moveDown)), choose("up", "", step(moveUp)),
		choose("pgdown", "", step(movePageDown)), choose("pgup", "", step(movePageUp)),
	}
}

// profileHere is the profile that an address or a question is meant for: that of the place at the cursor, else of the bucket on view.
func (s *switcher) profileHere(a *App) string {
	if p, on := s.under(a); on {
		return p.Place.Profile
	}
	return a.snap.Bucket.Place.Profile
}

// enter goes to what was typed, or to the place at the cursor. A profile alone has its buckets listed.
func (s *switcher) enter(a *App) tea.Cmd {
	if s.typed() {
		bucket, prefix, err := model.ParseURL(strings.TrimSpace(s.input.text()))
		if err != nil {
			s.err = clean(err.Error())
			return nil
		}
		return s.open(a, PlaceInfo{Place: model.Place{Profile: s.profileHere(a), Bucket: bucket}, Prefix: prefix})
	}
	p, on := s.under(a)
	switch {
	case !on:
		s.err = "nothing matches; an address begins with oss://"
		return nil
	case p.Problem != "":
		s.err = clean(p.Problem)
		return nil
	case p.Place.Bucket == "":
		return s.ask(a)
	}
	return s.open(a, p)
}

func (s *switcher) open(a *App, p PlaceInfo) tea.Cmd {
	if a.onView(p) {
		a.pop()
		return nil
	}
	s.pending++
	s.err = ""
	ctx, places := a.ctx, a.o.Places
	return func() tea.Msg {
		opened, err := places.Open(ctx, p)
		return openedMsg{s, opened, err}
	}
}

// ask has the service list the buckets of a profile, once.
func (s *switcher) ask(a *App) tea.Cmd {
	profile := s.profileHere(a)
	if s.asked[profile] {
		s.err = "the buckets of this profile are listed already"
		return nil
	}
	s.asked[profile] = true
	s.pending++
	s.err = ""
	ctx, places := a.ctx, a.o.Places
	return func() tea.Msg {
		found, err := places.Buckets(ctx, profile)
		return placesMsg{s, found, err}
	}
}

// goTo puts a place that was made ready on view. Marks, filter and an opened upload belong to the bucket before; uploads go on.
func (s *switcher) goTo(a *App, msg openedMsg) tea.Cmd {
	if msg.err != nil {
		s.err = clean(firstLine(msg.err.Error()))
		return nil
	}
	p := msg.place
	return a.do(request{commands: []model.Command{model.Look{Place: p.Place, Prefix: p.Prefix}}, then: func(a *App) tea.Cmd {
		for len(a.stack) > 0 {
			a.pop()
		}
		a.main.list.clearMarks()
		a.main.list.setFilter("", model.Filter{})
		a.o.ReadOnly = p.ReadOnly
		// Jobs of the place before are still in the list, so its protection stays for this session.
		a.o.Protect = a.o.Protect || p.Protect
		a.titledAt = time.Time{}
		a.say(plainNote, "at oss://"+clean(p.Place.Bucket)+"; uploads of other buckets go on")
		return nil
	}})
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
