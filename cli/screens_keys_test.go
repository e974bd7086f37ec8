package cli

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"partway/tui"
)

var writeKeys = flag.Bool("write-keys", false, "write docs/KEYS.md")

// keysPage is docs/KEYS.md, made from the registry that the screens take their keys, footers and help from.
func keysPage() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nMade from the registry of actions by `go test ./cli -run KeysPage -write-keys`; `?` shows the same in the program, and `x` what is\npossible " +
		"for the row under the cursor and why the rest is not. Not bound on purpose: d, delete, ~ and ctrl- a b s q p n t g o ] ^ w.\n\n" +
		"List, upload, files: in the list, in the view of one upload, in the file picker.\n")
	keys := tui.Keys()
	var groups []string
	for _, k := range keys {
		if !slices.Contains(groups, k.Group) {
			groups = append(groups, k.Group)
		}
	}
	slices.SortStableFunc(keys, func(k, l tui.KeyDoc) int { return slices.Index(groups, k.Group) - slices.Index(groups, l.Group) })
	group := ""
	for _, k := range keys {
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, "\n## %s\n\n| key | action | does | list | upload | files |\n|---|---|---|:-:|:-:|:-:|\n", group)
		}
		shown := k.Keys
		if shown == "" {
			shown = ":" + k.Name
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", strings.ReplaceAll(shown, "|", `\|`), k.Name, strings.ReplaceAll(k.Text, "|", `\|`), tick(k.Main), tick(k.One), tick(k.Files))
	}
	return b.String()
}

func tick(on bool) string {
	if on {
		return "x"
	}
	return ""
}

// TestKeysPage holds docs/KEYS.md to what the program does.
func TestKeysPage(t *testing.T) {
	const path = "../docs/KEYS.md"
	if *writeKeys {
		if err := os.WriteFile(path, []byte(keysPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(path)
	if err != nil || string(page) != keysPage() {
		t.Errorf("docs/KEYS.md is not what the registry says (%v): run go test ./cli -run KeysPage -write-keys", err)
	}
}
