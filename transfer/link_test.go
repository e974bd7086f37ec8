package transfer

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"partway/ossapi"
)

// A connection that is lost while others get through is no outage; two in a row are one, and no connection at all is one at once.
func TestLinkTellsALostConnectionFromAnOutage(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	at := func(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }
	silence := func(cause error) error {
		return &ossapi.Error{Kind: ossapi.KindTemporary, Op: "upload part", Err: cause}
	}
	lost := silence(&net.OpError{Op: "write", Err: syscall.ECONNRESET})
	refused := silence(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
	nameless := silence(&net.DNSError{Err: "no such host", Name: "oss"})
	answered := &ossapi.Error{Kind: ossapi.KindTemporary, Status: 503}
	type request struct {
		err          error
		asked, ended int // seconds
	}
	for _, c := range []struct {
		name     string
		requests []request
		since    int // second; -1: not offline
	}{
		{"nothing yet", nil, -1},
		{"one connection lost", []request{{lost, 0, 5}}, -1},
		{"two lost at the same time", []request{{lost, 0, 5}, {lost, 1, 5}, {lost, 2, 6}}, -1},
		{"lost, and lost again", []request{{lost, 0, 5}, {lost, 5, 6}}, 5},
		{"lost, others get through, lost", []request{{lost, 0, 5}, {nil, 1, 6}, {lost, 6, 7}}, -1},
		{"lost, and an answer that refuses", []request{{lost, 0, 5}, {answered, 5, 6}, {lost, 6, 7}}, -1},
		{"no connection", []request{{refused, 3, 4}}, 4},
		{"no name", []request{{nameless, 3, 4}}, 4},
		{"no connection, and one that was lost", []request{{refused, 3, 4}, {lost, 0, 5}}, 4},
		{"back again", []request{{refused, 3, 4}, {nil, 4, 5}}, -1},
		{"something else", []request{{errors.New("disk"), 3, 4}}, -1},
	} {
		var l link
		for _, r := range c.requests {
			l.met(r.err, at(r.asked), at(r.ended), time.Time{})
		}
		got := l.snapshot()
		want := time.Time{}
		if c.since >= 0 {
			want = at(c.since)
		}
		if !got.OfflineSince.Equal(want) || (got.OfflineWhy == "") != want.IsZero() {
			t.Errorf("%s: offline since %v (%s), want %v", c.name, got.OfflineSince, got.OfflineWhy, want)
		}
	}
}
