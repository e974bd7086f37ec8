package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

func TestInputMethods(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Send(tea.KeyPressMsg{Code: 'ｊ', Text: "ｊ"})
		d.Row("景区")
		d.Send(tea.KeyPressMsg{Code: '、', Text: "、"})
		d.Has("/ _").Press("esc")
		d.Send(tea.KeyPressMsg{Code: '拼', Text: "拼"})
		d.Has("The input method is on: keys come as 拼")
		d.Press("/").Type("图片").Press("enter").Has("1 of 29 match").Row("虚拟机")
	})
}

func TestCopy(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("y").HasNot("command line").After(time.Second).Has("yc command line", "yk key")
		d.Press("c")
		if want := "partway resume oss://backup-prod/db/2026-11-23/orders.dump.zst --upload-id 0004B98"; !strings.HasPrefix(d.Copied, want) {
			t.Errorf("copied %q", d.Copied)
		}
		d.Press("j", "y", "k")
		if d.Copied != "video/raw/景区宣传片-4K-final.mov" {
			t.Errorf("copied %q", d.Copied)
		}
		d.Press("y", "e").Has("not possible: nothing failed")
		d.Press("/").Type("vm-2211").Press("enter", "y", "e")
		for _, want := range []string{"request   67419F3C3A1D2B3934B3A1C2", "EC        0003-00000001", "AccessDenied"} {
			if !strings.Contains(d.Copied, want) {
				t.Errorf("the report lacks %q:\n%s", want, d.Copied)
			}
		}
	})
}

func TestUnboundKeysThatLookLikeDeletion(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		for _, k := range []string{"d", "D", "delete"} {
			d.Press(k).Has("abort is X")
		}
	})
}

func TestPalette(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press(":").Type("filter state:failed").Press("enter").Has("1 of 29 match").Press("esc")
		d.Press(":").Type("sort name").Press("enter").Has("sort name")
		d.Press(":").Type("sort colour").Press("enter").Has("there is no order").Press("esc")
		d.Press(":").Type("limit 5M").Press("enter").Has("limit 5.0 MiB/s")
		d.Press(":").Type("nonsense").Press("enter").Has("no command").Press("esc")
		d.Press(":").Type("abort state:stale").Press("enter").Has("ABORT 7 UPLOADS").Type("7").Press("enter")
		if got := sent[model.Abort](d); len(got) != 1 || len(got[0].Refs) != 7 {
			t.Errorf("sent %+v", got)
		}
		d.Press(":").Type("hel").Press("down", "tab", "enter").Has("HELP")
	})
}

func TestActionMenuGivesReasons(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		foreign(d, "00017")
		d.Press("x").Has("alive elsewhere").Press("G")
		d.Press("p").Has("only its sender")
		d.Press("X").Has("ABORT 1 UPLOAD", "Somebody is still sending").Press("esc").HasNot("ABORT")
	})
}

func TestHelpIsSearched(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("?").Type("measure").Has("read the parts of leftovers").HasNot("half a page").Press("esc").HasNot("HELP")
	})
}

func TestMouse(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Send(tea.MouseClickMsg{X: 20, Y: 7, Button: tea.MouseLeft})
		d.Row("matching")
		d.Send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		d.Row("completing")
		d.Send(tea.MouseClickMsg{X: 5, Y: 4, Button: tea.MouseLeft}) // a heading folds
		d.HasNot("completing  iso")
		footer := strings.Split(strings.TrimRight(d.Screen(), "\n"), "\n")
		at := strings.Index(footer[len(footer)-1], "? help")
		d.Send(tea.MouseClickMsg{X: at, Y: 39, Button: tea.MouseLeft})
		d.Has("HELP").Press("esc", "%").Has("mouse off")
		if d.App.View().MouseMode != tea.MouseModeNone {
			t.Error("the mouse is still captured")
		}
	})
}

func TestSections(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("]").Row("vm-2211").Press("]").Row("c-cam-01").Press("[").Row("vm-2211")
		d.Press("h").HasNot("vm-2211.qcow2  ").Has("NEEDS YOU 5").Press("l").Has("vm-2211")
		d.Press("]", "]", "G", "k", "k").Row("... 8 more").Press("enter").Has("图片/虚拟机")
	})
}

func TestSmallScreens(t *testing.T) {
	for _, s := range [][3]any{{36, 7, "partway needs 40x8, this is 36x7 -\nuploads go on: 8 moving 42.1 MiB/s\nETA 2h23   q quit"}, {40, 8, "orders.dump.zst"}, {60, 15, "41%"}, {200, 60, "PARTS  711 in"}, {1, 1, ""}} {
		tuitest.Run(t, engineWithParts(), tui.Options{}, s[0].(int), s[1].(int), func(d *tuitest.Driver) { d.Has(s[2].(string)) })
	}
}

func TestResizeKeepsCursorMarksAndText(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("space", "j", "/").Type("orders")
		for _, s := range [][2]int{{60, 15}, {20, 3}, {200, 60}, {80, 24}} {
			d.Send(size(s[0], s[1]))
		}
		d.Has("/ orders_").Press("enter").Has("1 marked")
	})
}

func TestTitleAndTaskbar(t *testing.T) {
	tuitest.Run(t, engineWithParts(), tui.Options{Taskbar: true}, 80, 24, func(d *tuitest.Driver) {
		v := d.App.View()
		if v.WindowTitle != "partway 42% 2h23 backup-prod" {
			t.Errorf("title %q", v.WindowTitle)
		}
		if v.ProgressBar == nil || v.ProgressBar.State != tea.ProgressBarError || v.ProgressBar.Value != 42 {
			t.Errorf("task bar %+v", v.ProgressBar)
		}
	})
}

// TestOneKeyOneSense: no two actions share a key in one scope, and none takes a key that terminals and multiplexers keep.
func TestOneKeyOneSense(t *testing.T) {
	seen := map[string]string{}
	for _, k := range tui.Keys() {
		if k.Text == "" || k.Name == "" || k.Group == "" {
			t.Errorf("%+v lacks a text", k)
		}
		for _, b := range k.Bound {
			for scope, bound := range map[string]bool{"main": k.Main, "one": k.One, "over": k.Over} {
				if !bound {
					continue
				}
				if other, taken := seen[scope+" "+b]; taken {
					t.Errorf("%s is both %s and %s in %s", b, other, k.Name, scope)
				}
				seen[scope+" "+b] = k.Name
			}
			for _, kept := range []string{"~", "ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+\\", "ctrl+]", "ctrl+p", "ctrl+g", "ctrl+t", "ctrl+n", "ctrl+o",
				"ctrl+h", "ctrl+w", "d", "D", "delete"} {
				if b == kept {
					t.Errorf("%s takes %s", k.Name, b)
				}
			}
		}
	}
}
