package tui

import (
	"fmt"
	"time"

	"partway/model"
	"partway/tui/theme"
)

// tokenWarning is how long before their end the credentials are spoken of.
const tokenWarning = 15 * time.Minute

// standing is what holds until something changes, in one line: the journal cannot be written, the service does not answer, the
// credentials end. An empty line if nothing does. Times are times of day: ages would have to be drawn again every second.
func (a *App) standing(w int) theme.Line {
	link := a.snap.Link
	switch {
	case a.leaving.waits:
		return theme.L(theme.Warn, "leaves by itself when the queue is empty; q changes that").Cut(w)
	case a.snap.Unsaved != "":
		return theme.L(theme.Bad, a.look.cut("the journal cannot be written: "+a.snap.Unsaved, w))
	case !link.OfflineSince.IsZero():
		return theme.L(theme.Bad, longest(a.offlineWords(w), w))
	case !link.CredentialsEnd.IsZero() && link.CredentialsEnd.Sub(a.now) < tokenWarning:
		return theme.L(theme.Warn, longest(a.tokenWords(), w))
	}
	return nil
}

// offlineWords says that the service gives no answer, in variants from long to short.
func (a *App) offlineWords(w int) []string {
	link := a.snap.Link
	since := "OFFLINE since " + a.look.clock(link.OfflineSince, a.now)
	why := ""
	if link.OfflineWhy != "" {
		why = " (" + a.look.cut(link.OfflineWhy, max(w/4, 12)) + ")"
	}
	waits, next := "", ""
	if n := a.unreached(); n > 0 {
		waits = count(n, "upload") + " " + plural(n, "waits", "wait")
	}
	if !link.NextTry.IsZero() {
		next = "next try " + a.look.clock(link.NextTry, a.now)
	}
	facts := joined(", ", waits, next)
	rest := "   r tries now   nothing is lost"
	return []string{joined(" - ", since+why, facts) + rest, joined(" - ", since, facts) + rest, joined(" - ", since, facts), joined(" - ", since, next), since}
}

// unreached is how many jobs would go on if the service answered.
func (a *App) unreached() (n int) {
	for i := range a.snap.Jobs {
		if s := a.snap.Jobs[i].Status; s.Active() || s == model.StatusQueued {
			n++
		}
	}
	return n
}

func (a *App) tokenWords() []string {
	end := a.snap.Link.CredentialsEnd
	at := a.look.clock(end, a.now)
	if !end.After(a.now) {
		return []string{"Session token ended at " + at + ": uploads pause, parts are kept.   b renews or changes the profile", "Session token ended at " + at + "   b changes the profile", "token ended " + at}
	}
	return []string{"Session token ends at " + at + ": uploads will pause, parts are kept.   b renews or changes the profile", "Session token ends at " + at + "   b changes the profile", "token ends " + at}
}

// clockWords says that the clock of this machine is wrong, which was corrected and so is worth a few words only; "" if it is not.
func (a *App) clockWords() string {
	switch offset := a.snap.Link.ClockOffset; {
	case offset > 0:
		return fmt.Sprintf("clock %s behind OSS, corrected", model.FormatDuration(offset))
	case offset < 0:
		return fmt.Sprintf("clock %s ahead of OSS, corrected", model.FormatDuration(-offset))
	}
	return ""
}

// plural chooses the form of a word that goes with a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// joined puts a separator between the texts that are not empty.
func joined(separator string, texts ...string) (all string) {
	for _, t := range texts {
		switch {
		case t == "":
		case all == "":
			all = t
		default:
			all += separator + t
		}
	}
	return all
}
