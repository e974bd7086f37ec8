package pick

import (
	"slices"
	"testing"
)

func paths(s *Selection) (all []string) {
	for _, m := range s.Marks() {
		all = append(all, m.Path)
	}
	return all
}

func TestSelection(t *testing.T) {
	var s Selection
	if s.Cover("/a") != nil || s.RemoveLast() != nil || s.Remove("/a") {
		t.Error("an empty selection holds something")
	}
	s.AddFile(File{Path: "/d/x/1", Size: 5})
	s.AddFile(File{Path: "/d/xy/2", Size: 7})
	if s.AddFile(File{Path: "/d/x/1"}) != nil {
		t.Error("a file was marked twice")
	}
	// A folder takes the marks below it, and not those of a folder whose name begins alike.
	m := s.AddFolder("/d/x")
	if got := paths(&s); !slices.Equal(got, []string{"/d/xy/2", "/d/x"}) {
		t.Fatalf("marks %q", got)
	}
	if s.AddFile(File{Path: "/d/x/deep/3"}) != nil || s.AddFolder("/d/x/deep") != nil || s.AddFolder("/d/x") != nil {
		t.Error("what lies below a marked folder was marked again")
	}
	if s.Cover("/d/x/deep/3") != m || s.Cover("/d") != nil || s.Cover("/d/xy/2/below") != nil {
		t.Error("the cover is wrong")
	}
	m.Add(File{Path: "/d/x/1", Size: 5})
	m.Add(File{Path: "/d/x/link", Size: 99, Why: "link"})
	files, bytes, counting, partial := s.Totals()
	if files != 3 || bytes != 12 || !counting || !partial {
		t.Errorf("%d files, %d bytes, counting %v, partial %v", files, bytes, counting, partial)
	}
	m.State = Stopped
	if _, _, counting, partial = s.Totals(); counting || !partial {
		t.Error("a stopped count is no whole one")
	}
	m.Restart()
	if m.State != Counting || len(m.Files) != 0 || m.Bytes != 0 {
		t.Error("a restarted count keeps something")
	}
	if last := s.RemoveLast(); last != m || s.Len() != 1 {
		t.Error("the last mark was not taken back")
	}
	if s.AddFolder("/") == nil || s.Len() != 1 || s.Cover("/d/xy/2") == nil {
		t.Error("the root covers everything")
	}
	s.Clear()
	if s.Len() != 0 || s.Cover("/d") != nil {
		t.Error("not empty after Clear")
	}
}
