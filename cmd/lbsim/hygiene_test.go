package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A room is a folder, or with /... a folder and all below, and what its code may
// import besides the standard library. The first room that fits counts.
type room struct {
	folder string
	may    []string
}

// rooms is the plan of the house. A model knows the kernel and what passes
// between models, not the other models; results do not know scenarios; nobody
// but the program knows all.
var rooms = []room{
	{"sim/...", nil},
	{"models/flow", []string{"lbsim/sim"}},
	{"models/dist", []string{"lbsim/sim", "lbsim/models/flow", "gonum.org/..."}},
	// Only tests import it.
	{"models/internal/...", []string{"gonum.org/..."}},
	// Policies see what the balancer knows. They cannot see a server's true
	// state, because they cannot import it.
	{"models/lb/sched", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/models/lb"}},
	{"models/lb/persist", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/models/lb"}},
	{"models/lb/ramp", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/models/lb"}},
	{"models/cluster/place", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/models/cluster"}},
	{"models", []string{"lbsim/sim", "lbsim/models/..."}},
	{"models/...", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/models/dist"}},
	{"results/plot", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/results", "gonum.org/...", "golang.org/x/image/..."}},
	{"results/report", []string{"lbsim/results", "lbsim/results/plot"}},
	{"results/...", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/results", "gonum.org/...", "github.com/jedib0t/go-pretty/..."}},
	{"scenarios", []string{"lbsim/sim", "lbsim/models/...", "lbsim/scenarios/strict", "lbsim/scenarios/convert", "lbsim/scenarios/product"}},
	{"scenarios/product", nil},
	{"scenarios/strict", []string{"lbsim/models/flow", "go.yaml.in/yaml/v4"}},
	{"scenarios/convert", []string{"lbsim/sim", "lbsim/models/flow"}},
	{"scenarios/convert/capture", []string{"lbsim/sim", "lbsim/models/flow", "lbsim/models/tcp"}},
	{"scenarios/convert/haproxycfg", []string{"lbsim/models/...", "lbsim/scenarios/convert", "lbsim/scenarios/strict"}},
	{"scenarios/convert/nginxconf", []string{"lbsim/models/...", "lbsim/scenarios/convert"}},
	{"scenarios/lab", []string{"lbsim/sim", "lbsim/models/...", "lbsim/scenarios", "lbsim/scenarios/convert/...", "lbsim/scenarios/experiment", "lbsim/results"}},
	{"scenarios/experiment", []string{"lbsim/models", "lbsim/models/flow", "lbsim/scenarios", "lbsim/results"}},
	{"scenarios/experiment/packets", []string{"lbsim/sim", "lbsim/models/...", "lbsim/scenarios", "lbsim/scenarios/convert/capture"}},
	{"scenarios/experiment/bench", []string{"lbsim/..."}},
	{"cmd/...", []string{"..."}},
}

// fits reports whether a path is the pattern or lies below it.
func fits(pattern, path string) bool {
	if base, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(path+"/", base)
	}
	return path == pattern
}

// sources calls f for every file of the program that is no test.
func sources(t *testing.T, f func(name string, file *ast.File, at func(ast.Node) string)) {
	t.Helper()
	files := token.NewFileSet()
	count := 0
	err := filepath.WalkDir(repository, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if hidden := strings.HasPrefix(d.Name(), ".") && name != repository; d.IsDir() && (hidden || d.Name() == "testdata" || d.Name() == "out") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(repository, name)
		count++
		f(filepath.ToSlash(relative), file, func(n ast.Node) string { return files.Position(n.Pos()).String() })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 100 {
		t.Errorf("only %d files were looked at", count)
	}
}

func importPath(s *ast.ImportSpec) string {
	p, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		panic(err) // the parser has read it
	}
	return p
}

// Nothing is imported that the plan of the house does not allow.
func TestImports(t *testing.T) {
	sources(t, func(name string, file *ast.File, at func(ast.Node) string) {
		folder := path.Dir(name)
		i := slices.IndexFunc(rooms, func(r room) bool { return fits(r.folder, folder) })
		if i < 0 {
			t.Errorf("%s: the folder is not in the plan of the house", name)
			return
		}
		for _, spec := range file.Imports {
			p := importPath(spec)
			first, _, _ := strings.Cut(p, "/")
			if first != "lbsim" && !strings.Contains(first, ".") {
				continue // standard library
			}
			if !slices.ContainsFunc(rooms[i].may, func(pattern string) bool { return fits(pattern, p) }) {
				t.Errorf("%s: %s must not import %s", at(spec), folder, p)
			}
			if strings.HasPrefix(p, "lbsim/models/internal/") {
				t.Errorf("%s: %s is for tests", at(spec), p)
			}
		}
	})
}

// allowed lists, for packages whose use below sim and models could make a run
// depend on more than its scenario and seed, what may be used of them. Of those
// with an empty list nothing may.
var allowed = map[string][]string{
	"time": {"Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"},
	// A generator with a seed; the functions of the package share a global one.
	"math/rand/v2": {"PCG", "NewPCG"},
	"math/rand":    nil, "crypto/rand": nil, "os": nil, "runtime": nil, "sync": nil, "sync/atomic": nil,
	"unsafe": nil, "net": nil, "net/http": nil, "hash/maphash": nil,
}

// What the policies may use of the kernel: instants and chance, not the queue
// of events.
var forPolicies = []string{"Time", "Never", "Stream", "NewStream", "Log", "Exp", "Pow"}

// A run depends on its scenario and seed alone: below sim and models there is no
// wall clock, no goroutine, no global generator of random numbers, no file.
func TestModelsAreClosed(t *testing.T) {
	sources(t, func(name string, file *ast.File, at func(ast.Node) string) {
		model := fits("sim/...", name) || fits("models/...", name)
		if !model || fits("sim/bench/...", name) || fits("models/internal/...", name) {
			return
		}
		policy := fits("models/lb/sched/...", name) || fits("models/lb/persist/...", name) || fits("models/lb/ramp/...", name)
		packages := map[string][]string{} // what may be used of the imported ones, by name
		for _, spec := range file.Imports {
			p := importPath(spec)
			may, guarded := allowed[p]
			if policy && p == "lbsim/sim" {
				may, guarded = forPolicies, true
			}
			if !guarded {
				continue
			}
			if may == nil || spec.Name != nil {
				t.Errorf("%s: a model must not import %s, nor under another name", at(spec), p)
			}
			packages[path.Base(strings.TrimSuffix(p, "/v2"))] = may
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: a goroutine", at(n))
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if !ok {
					break
				}
				if may, guarded := packages[x.Name]; guarded && !slices.Contains(may, n.Sel.Name) {
					t.Errorf("%s: %s.%s", at(n), x.Name, n.Sel.Name)
				}
			}
			return true
		})
	})
}

// The top of the repository stays a table of contents.
func TestTopLevel(t *testing.T) {
	contents := []string{"LICENSE", "Makefile", "README.md", "cmd", "go.mod", "go.sum", "models", "out", "results", "scenarios", "sim"}
	entries, err := os.ReadDir(repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(contents, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}
