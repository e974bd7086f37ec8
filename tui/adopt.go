package tui

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// adoption is an unfinished upload that a local file is looked for, frozen when its picker opened.
type adoption struct {
	row    row
	asked  int
	list   *model.PartList // what the service holds; nil until it was read
	failed string          // cleaned: why it could not be read

	naming question  // which file the checkpoints of other tools name
	named  NamedFile // its answer
	keys   int       // pressed before it was asked
}

// openAdopt asks for the local file of an unfinished upload.
func (a *App) openAdopt(r row) tea.Cmd {
	p := a.newPicker(r.place)
	a.asked++
	p.adopt = &adoption{row: r, asked: a.asked}
	a.push(p)
	return tea.Batch(p.open(a, a.startFolder(), ""), a.fetchParts(r, p.adopt.asked), p.adopt.askForName(a))
}

// namedMsg brings the file that a checkpoint names.
type namedMsg struct {
	number int
	named  NamedFile
}

// askForName has the checkpoints of other tools looked at that lie where such tools are started most.
func (d *adoption) askForName(a *App) tea.Cmd {
	if a.o.Finder == nil {
		return nil
	}
	ctx := d.naming.ask(a)
	d.keys = a.keys
	number, finder, ref, folders := d.naming.number, a.o.Finder, d.row.ref(), a.usualFolders()
	return func() tea.Msg {
		named, err := finder.Named(ctx, ref, folders)
		if err != nil {
			named = NamedFile{} // nobody asked for it by hand
		}
		return namedMsg{number, named}
	}
}

// usualFolders are where the checkpoints of other tools lie if nobody said otherwise: ossutil keeps them where it is started.
func (a *App) usualFolders() []string {
	folders := []string{a.o.Files.Working()}
	if home := a.o.Files.Home(); home != "" && home != folders[0] {
		folders = append(folders, home)
	}
	return folders
}

// onNamed puts the cursor on the file, unless somebody is on the way elsewhere already.
func (p *pickerScreen) onNamed(a *App, msg namedMsg) tea.Cmd {
	d := p.adopt
	if d == nil || !d.naming.answers(msg.number) {
		return nil
	}
	if d.named = msg.named; d.named.Path == "" || d.named.Missing != "" || a.keys != d.keys {
		return nil
	}
	return p.open(a, filepath.Dir(d.named.Path), filepath.Base(d.named.Path))
}

// namedWords says which file a checkpoint names; here says that the cursor is on it.
func (d *adoption) namedWords(a *App, here bool, w int) string {
	switch whose := "a checkpoint of " + clean(d.named.Tool) + " names "; {
	case d.named.Path == "":
		return ""
	case here:
		return whose + "this file"
	case d.named.Missing != "":
		return whose + "a file that cannot be opened: " + clean(d.named.Missing)
	default:
		return whose + a.look.middle(d.named.Path, max(w-theme.Width(whose), 16))
	}
}

func (d *adoption) onParts(msg partsMsg) {
	if d == nil || msg.asked != d.asked || msg.id != d.row.id {
		return
	}
	if msg.err != nil {
		d.failed = clean(msg.err.Error())
		return
	}
	d.list = &msg.list
}

// held is how many bytes the file has to have at least, as far as that is known.
func (d *adoption) held() int64 {
	if d.list != nil {
		return d.list.Bytes()
	}
	held, _ := d.row.held()
	return held
}

// fits reports whether a file can be the one that the parts were cut from, by its size alone.
func (d *adoption) fits(e FileEntry) bool {
	return e.Mode.IsRegular() && refusal(e) == "" && e.Size >= d.held()
}

// compare brings the likely files to the front: folders keep their place, then files of the key's name that fit, then others that
// fit, the nearest in size first.
func (d *adoption) compare(x, y FileEntry) int {
	return cmp.Or(cmp.Compare(d.rank(x), d.rank(y)), map[bool]int{true: cmp.Compare(x.Size, y.Size)}[d.rank(x) == 2])
}

func (d *adoption) rank(e FileEntry) int {
	switch {
	case e.Mode.IsDir():
		return 0
	case d.fits(e) && e.Name == path.Base(d.row.ref().Key):
		return 1
	case d.fits(e):
		return 2
	}
	return 3
}

func (d *adoption) summary(*App) string {
	switch {
	case d.failed != "":
		return "the parts could not be read: " + d.failed
	case d.list == nil:
		return "reading which parts the bucket holds ..."
	}
	return fmt.Sprintf("%s in OSS hold %s: the file has at least as much; files that fit come first", count(len(d.list.Parts), "part"), model.FormatSize(d.held()))
}

// lines is what is known of the upload, beside or below the files.
func (d *adoption) lines(a *App, w int) []theme.Line {
	r := d.row
	lines := []theme.Line{theme.L(theme.Strong, "ADOPT  "+a.look.middle(r.ref().Key, max(w-8, 10)))}
	pairs := [][2]string{{"begun", ago(r.began(), a.now) + " elsewhere, upload " + a.look.shortID(r.ref().UploadID)}, {"parts", d.partWords()}}
	if r.left != nil && r.left.Measured && r.left.Parts > 0 {
		pairs = append(pairs, [2]string{"last part", ago(r.left.LastActivity(), a.now)})
	}
	if d.named.Path != "" {
		text := d.namedWords(a, false, 4*w) // it is wrapped
		if d.named.Missing == "" {
			text += "; it is compared like any other"
		}
		pairs = append(pairs, [2]string{"hint", text})
	}
	pairs = append(pairs, [2]string{"choose", "the file that it was cut from, with enter; what is in OSS is compared with it before anything is sent"})
	if a.o.Finder != nil {
		pairs = append(pairs, [2]string{"or", "S looks for it by its bytes in this folder and all below, C reads the checkpoints of ossutil and the SDK that lie here"})
	}
	return append(lines, sentences(w, pairs...)...)
}

func (d *adoption) partWords() string {
	switch {
	case d.failed != "":
		return "not read: " + d.failed
	case d.list == nil:
		return "being read"
	case len(d.list.Parts) == 0:
		return "none"
	}
	parts := d.list.Parts
	text := count(len(parts), "part") + ", " + model.FormatSize(d.list.Bytes()) + " in OSS"
	low, high := parts[0].Size, parts[0].Size
	for _, p := range parts[:max(len(parts)-1, 1)] {
		low, high = min(low, p.Size), max(high, p.Size)
	}
	if low == high {
		text += ", part size " + model.ExactSize(low)
	} else {
		text += ", part sizes " + model.FormatSize(low) + " to " + model.FormatSize(high)
	}
	if gaps := d.list.Gaps(); len(gaps) > 0 {
		text += ", gaps " + shortened(gaps)
	} else {
		text += ", no gap"
	}
	return text
}

// shortened is the first of many gaps.
func shortened(gaps model.Gaps) string {
	const most = 8
	if len(gaps) <= most {
		return gaps.String()
	}
	return gaps[:most].String() + fmt.Sprintf(" and %d more", len(gaps)-most)
}

// chooseFile goes on to the confirmation with the file under the cursor.
func (p *pickerScreen) chooseFile(a *App) tea.Cmd {
	e, is := p.entry()
	switch {
	case !is || opens(e):
		return p.into(a)
	case refusal(e) != "":
		a.say(warnNote, a.look.middle(e.Name, 40)+" cannot be read: "+clean(refusal(e)))
		return nil
	case p.adopt.failed != "":
		a.say(badNote, "the parts could not be read: "+p.adopt.failed)
		return nil
	case p.adopt.list == nil:
		a.say(plainNote, "the parts are still being read")
		return nil
	}
	return a.askToAdopt(p.adopt, p.path(e), e, p.options, p.leave)
}

// askToAdopt opens the dialog for an upload and a file, and begins to compare the two.
func (a *App) askToAdopt(of *adoption, file string, e FileEntry, options pick.Options, leave func(*App)) tea.Cmd {
	d := newAdoptDialog(a, of, file, e, options, leave)
	a.push(d)
	return d.compare(a)
}

// match is how the parts that the service holds would lie in a file.
type match struct {
	why          string // cleaned: why they cannot, or empty
	compare      int    // parts that have a place in the file, to be compared
	compareBytes int64
	missing      int // at least to send
	missingBytes int64
	useless      int // parts without a place: sent again, or left out
}

func matchFile(list *model.PartList, size int64) (m match) {
	layout, err := model.DeriveLayout(list.Parts, size, 0)
	if err != nil {
		m.why = clean(err.Error())
		return m
	}
	held := make(map[int]int64, len(list.Parts))
	for _, p := range list.Parts {
		held[p.Number] = p.Size
		if p.Number > len(layout) || layout[p.Number-1].Size != p.Size {
			m.useless++
		}
	}
	for i, r := range layout {
		switch n, there := held[i+1]; {
		case r.Size == 0:
		case there && n == r.Size:
			m.compare, m.compareBytes = m.compare+1, m.compareBytes+r.Size
		default:
			m.missing, m.missingBytes = m.missing+1, m.missingBytes+r.Size
		}
	}
	if m.compare == 0 {
		m.why = "no part that OSS holds has the size of a part of this file"
	}
	return m
}

func warned(warnings []string, w int) (lines []theme.Line) {
	for _, warning := range warnings {
		for i, s := range wrap(warning, w-2) {
			lines = append(lines, theme.L(theme.Warn, map[bool]string{true: "! ", false: "  "}[i == 0]+s))
		}
	}
	return lines
}

// otherSenders warns where somebody else is sending to the upload.
func otherSenders(a *App, r row, list *model.PartList) []string {
	newest := list.Newest()
	if !a.alive(r) && (newest.IsZero() || a.now.Sub(newest) >= aliveAge(a)) {
		return nil
	}
	return []string{"Somebody is still sending to this upload: last part " + ago(newest, a.now) + ". Two senders of one upload get in each other's way."}
}

// adoptWarnings says what else should be known before an upload of somebody else's is taken over.
func adoptWarnings(r row, list *model.PartList, e FileEntry, m match) (warnings []string) {
	if len(list.Parts) > 0 && !e.ModTime.IsZero() && e.ModTime.After(list.Parts[0].Modified) {
		warnings = append(warnings, "The file was modified after part "+fmt.Sprint(list.Parts[0].Number)+" arrived: it may be another one by now.")
	}
	if m.useless > 0 {
		warnings = append(warnings, count(m.useless, "part")+" do not fit the file and would be sent again.")
	}
	class := list.StorageClass
	if class == "" && r.left != nil {
		class = r.left.StorageClass
	}
	warnings = append(warnings, "Content type and storage class were fixed by the one who began it"+strings.TrimSuffix(": "+clean(class), ": ")+".")
	return warnings
}
