package tui

import (
	"context"
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// TestTypingOnChoosesWhatTheWholeFilterChooses: what is typed key by key, with what was found so far, ends where the same text does
// when it is set at once.
func TestTypingOnChoosesWhatTheWholeFilterChooses(t *testing.T) {
	small, err := New(context.Background(), Options{Engine: still{crowd(700)}})
	if err != nil {
		t.Fatal(err)
	}
	small.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	press(small, '3')
	l := small.main.list
	for _, text := range []string{"backup-001", "Backup-001", "backup-00 archive/0001", "!backup-001", "backup-001 | backup-002", "held<1", "held<100M", "age>1d 5",
		"state:stale", "state:stale,unknown", `key~00[12]`, "parts>5 !key~9", "0 0 0", `"a b"`} {
		for i := range len(text) {
			if f, err := model.ParseFilter(text[:i+1]); err == nil {
				l.setFilter(text[:i+1], f)
			}
		}
		typed := fmt.Sprint(l.match)
		l.setFilter("", model.Filter{})
		f, err := model.ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		var want []int32
		for _, i := range l.ordered() {
			if f.Match(l.left[i].subject(l.now)) {
				want = append(want, i)
			}
		}
		if typed != fmt.Sprint(want) {
			t.Errorf("%s: typing it chose other rows than the filter does", text)
		}
	}
}
