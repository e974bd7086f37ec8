package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which packages of ours, and which others, a package may import outside its tests. docs/ARCHITECTURE.md gives the
// reasons; a package that is not listed fails the test, so a new one has to be thought about.
var arrows = map[string]struct {
	ours   []string // import paths below partway/; a trailing /... allows a whole tree
	banned []string // standard or foreign packages
}{
	"model":                   {ours: []string{"model/..."}, banned: []string{"context", "os", "net", "net/http", "sync", "sync/atomic", "io/fs", "math/rand", "math/rand/v2"}},
	"model/safe":              {banned: []string{"context", "os", "net", "net/http", "sync", "sync/atomic", "io/fs"}},
	"ossapi":                  {},
	"ossapi/profile":          {ours: []string{"ossapi"}},
	"ossapi/emulator":         {banned: []string{sdk}},
	"ossapi/emulator/conform": {ours: []string{"ossapi/emulator"}},
	"state":                   {ours: []string{"model"}},
	"transfer":                {ours: []string{"model", "ossapi"}, banned: []string{sdk, bubbletea}},
	"tui":                     {ours: []string{"model", "model/safe", "tui/..."}, banned: []string{"os", "net", "net/http", "os/exec"}},
	"tui/...":                 {ours: []string{"model", "model/safe", "tui", "tui/..."}, banned: []string{"os", "net", "net/http", "os/exec"}},
	"cli":                     {ours: []string{"..."}, banned: []string{sdk}},
	"bench/...":               {ours: []string{"..."}},
	"screenshots":             {},
	".":                       {ours: []string{"cli"}},
}

const (
	module    = "partway"
	sdk       = "github.com/aliyun/alibabacloud-oss-go-sdk-v2"
	bubbletea = "charm.land/bubbletea"
)

func TestArrows(t *testing.T) {
	for _, file := range goFiles(t) {
		folder := filepath.ToSlash(filepath.Dir(file.path))
		rule, known := ruleFor(folder)
		if !known {
			t.Errorf("%s: package %s has no arrows: add it to this test and to docs/ARCHITECTURE.md", file.path, folder)
			continue
		}
		for _, spec := range file.syntax.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if name, ours := strings.CutPrefix(path, module+"/"); ours {
				if !allowed(rule.ours, name) {
					t.Errorf("%s imports %s, which package %s may not", file.path, path, folder)
				}
				continue
			}
			for _, banned := range rule.banned {
				if path == banned || strings.HasPrefix(path, banned+"/") && banned != "net" && banned != "os" {
					t.Errorf("%s imports %s, which package %s may not", file.path, path, folder)
				}
			}
		}
	}
}

func ruleFor(folder string) (rule struct{ ours, banned []string }, known bool) {
	found, known := arrows[folder]
	for pattern, r := range arrows {
		if tree, is := strings.CutSuffix(pattern, "/..."); is && !known && strings.HasPrefix(folder, tree+"/") {
			found, known = r, true
		}
	}
	return struct{ ours, banned []string }{found.ours, found.banned}, known
}

func allowed(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		tree, is := strings.CutSuffix(p, "...")
		return p == name || is && strings.HasPrefix(name, tree)
	})
}

// TestPureModelHasNoClock holds what an import list cannot say: model takes times as values.
func TestPureModelHasNoClock(t *testing.T) {
	for _, file := range goFiles(t) {
		folder := filepath.ToSlash(filepath.Dir(file.path))
		if folder != "model" && !strings.HasPrefix(folder, "model/") {
			continue
		}
		ast.Inspect(file.syntax, func(n ast.Node) bool {
			if call, is := n.(*ast.SelectorExpr); is {
				if from, is := call.X.(*ast.Ident); is && from.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "NewTimer"}, call.Sel.Name) {
					t.Errorf("%s: time.%s in a pure package", file.path, call.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestHouse checks the rules of the house that a parser can see.
func TestHouse(t *testing.T) {
	documented := map[string]bool{}
	for _, file := range goFiles(t) {
		folder := filepath.Dir(file.path)
		documented[folder] = documented[folder] || file.syntax.Doc != nil
		for _, d := range file.syntax.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: init() hides what a program does at its start", file.path)
			}
		}
		if base := filepath.Base(folder); slices.Contains([]string{"utils", "common", "types", "internal", "pkg", "helpers"}, base) {
			t.Errorf("%s: a package called %s says nothing", file.path, base)
		}
	}
	for folder, has := range documented {
		if !has {
			t.Errorf("package %s has no package comment", folder)
		}
	}
}

type goFile struct {
	path   string
	syntax *ast.File
}

// goFiles parses every Go file of the module that is not a test.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, goFile{path: path, syntax: syntax})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files found: the walk is broken", len(files))
	}
	return files
}

// TestDependenciesAreWrittenDown keeps docs/DEPENDENCIES.md whole: every module that go.mod requires directly has its reason there.
func TestDependenciesAreWrittenDown(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("docs", "DEPENDENCIES.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range strings.Split(string(mod), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "v") || strings.Contains(line, "// indirect") {
			continue
		}
		found++
		if name := fields[0]; !strings.Contains(string(page), name) {
			t.Errorf("docs/DEPENDENCIES.md gives no reason for %s", name)
		}
	}
	if found < 10 {
		t.Errorf("only %d direct requirements found in go.mod: the reading is broken", found)
	}
}
