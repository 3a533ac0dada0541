package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/snat"
	"lbsim/scenarios/product"
	"lbsim/scenarios/strict"
)

// File is a scenario file that was read and found right.
type File struct {
	// Scenario is the file's content without its variants' changes.
	Scenario *Scenario
	// Variants are what is to be run, in order; without variants in the file it
	// is one, called base.
	Variants []Plan
	// Warnings are what is allowed but probably not meant.
	Warnings strict.Diagnostics
	// Connections is about how many connections are opened in all replications
	// of all variants.
	Connections float64
	// Events is about how many events they have together.
	Events float64
	// Files are the logs and traces that the scenario names, sorted.
	Files []string

	doc *strict.Document
}

// Plan is a variant ready to be built: names are expanded, files are read.
type Plan struct {
	Name     string
	Against  string // name of the variant that this one is compared with, or ""
	Scenario *Scenario
	Config   models.Config
	// Requests says that the traffic has requests and not only connections.
	Requests bool
	// Memory is about how many bytes a replication takes while it runs.
	Memory float64
	// Warnings are what is allowed but probably not meant, in this variant.
	Warnings strict.Diagnostics
}

// recordedTime is the origin of a duration that is that of the records.
const recordedTime = "recorded time"

// Base is the name of the only variant of a file without variants.
const Base = "base"

// Setting is a change from the command line, such as --set path=value. Flag
// stands for the file in messages about it.
type Setting struct{ Flag, Path, Value string }

// Load reads a scenario and makes it ready to be run. The error, if there is
// one, is a strict.Diagnostics with everything that is wrong.
func Load(src Source, settings []Setting) (*File, error) {
	doc, found := strict.Parse(src.Name, src.Text)
	if err := found.Err(); err != nil {
		return nil, err
	}
	flags := map[string]bool{}
	for _, s := range settings {
		flags[s.Flag] = true
		found = append(found, doc.Set(s.Path, s.Value, s.Flag)...)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	l := loader{files: &files{folder: src.Folder, flags: flags}}
	f := l.load(doc)
	if l.found.Err() == nil {
		l.checkTotals(doc, f)
	}
	l.found.Sort()
	if err := l.found.Err(); err != nil {
		return nil, err
	}
	f.Warnings = l.found
	f.nameVariants()
	f.Files = l.files.names()
	return f, nil
}

// nameVariants says of the warnings that hold for some variants only for which.
func (f *File) nameVariants() {
	in := map[strict.Diagnostic][]string{}
	for i := range f.Variants {
		for _, w := range f.Variants[i].Warnings {
			in[w.Finding()] = append(in[w.Finding()], f.Variants[i].Name)
		}
	}
	const most = 4 // names that are listed
	for i := range f.Warnings {
		w := &f.Warnings[i]
		names := in[w.Finding()]
		switch n := len(names); {
		case n == 0 || n == len(f.Variants):
		case n == 1:
			w.Text = "variant " + names[0] + ": " + w.Text
		case n <= most:
			w.Text = "variants " + strings.Join(names, ", ") + ": " + w.Text
		default:
			w.Text = fmt.Sprintf("%d of %d variants (%s, ...): %s", n, len(f.Variants), strings.Join(names[:most-1], ", "), w.Text)
		}
	}
}

// CheckPlots returns the figures that the scenario asks for and that are not
// among the known ones, which the scenario language does not know by itself.
func (f *File) CheckPlots(known []string) strict.Diagnostics {
	var found strict.Diagnostics
	for i, name := range f.Scenario.Plots {
		if !slices.Contains(known, name) {
			p := flow.Problem{Path: fmt.Sprintf("plots[%d]", i), Text: fmt.Sprintf("%q is not one of %s", name, strings.Join(known, ", "))}
			if near := strict.Nearest(name, known); near != "" {
				p.Hint = "did you mean " + near + "?"
			}
			found = append(found, f.doc.Problem(p))
		}
	}
	return found
}

// Schema returns the JSON schema of scenario files.
func Schema() []byte {
	s := &Scenario{}
	strict.SetDefaults(s)
	return strict.Schema(s, Policies, "lbsim scenario")
}

// loader turns a document into a File.
type loader struct {
	files *files
	found strict.Diagnostics
	names int // that all variants' lists and references stand for, so far
	near  int // names among which near ones were searched, so far
	sum   totals
	// values are those of all products, once they are needed.
	values map[*product.Value]*strict.Node
}

// Bounds on variants. Each is a copy of the whole file, read on its own.
const (
	maxVariants     = 200
	maxVariantNodes = 4_000_000 // keys and values, in all variants together
)

func (l *loader) load(doc *strict.Document) *File {
	based := l.withProducts(doc)
	base, mistakes := l.decode(based)
	if l.recordedDuration(doc, base, mistakes) {
		// Variants last as long, whatever they replay.
		doc.Set("duration", strict.FormatDuration(base.Duration), recordedTime)
	}
	f := &File{Scenario: base, doc: doc}
	l.checkExpectations(doc, base, mistakes)
	if len(base.Variants) == 0 {
		f.Variants = []Plan{l.plan(based, Base, base, mistakes)}
		return f
	}
	switch n := len(base.Variants); {
	case n > maxVariants:
		l.bad(doc, "variants", fmt.Sprintf("%d variants are too many; at most %d are possible", n, maxVariants), "")
		return f
	case n*doc.Nodes() > maxVariantNodes:
		l.bad(doc, "variants", fmt.Sprintf("%d variants are too many for a file as long as this", n), "write patterns such as ex[1-400] in place of long lists")
		return f
	}
	names := map[string]bool{}
	for i := range base.Variants {
		v := &base.Variants[i]
		l.checkVariant(doc, i, v, names)
		changed := doc.Clone()
		if problems := changed.Apply(&v.Set); problems != nil {
			l.found = append(l.found, problems...)
			continue
		}
		changed = l.withProducts(changed)
		s, mistakes := l.decode(changed)
		if l.names > maxNames {
			return f // said so; the variants to come would only cost time
		}
		plan := l.plan(changed, v.Name, s, mistakes)
		plan.Against = l.against(doc, base.Variants, i)
		f.Variants = append(f.Variants, plan)
	}
	return f
}

// checkVariant checks a variant's name, which names has if it is not new, and
// that it does not set what is the same for all variants.
func (l *loader) checkVariant(doc *strict.Document, i int, v *Variant, names map[string]bool) {
	at := fmt.Sprintf("variants[%d]", i)
	switch {
	case v.Name == "" && !l.found.Hide(doc.Path(at+".name")):
		l.bad(doc, at, "the variant has no name", "write {name: ..., set: {...}}")
	case len(v.Name) > maxName:
		l.bad(doc, at+".name", fmt.Sprintf("the name is longer than %d characters", maxName), "")
	case names[v.Name] && v.Name != "":
		l.bad(doc, at+".name", fmt.Sprintf("variant %q exists already", v.Name), "each variant needs a name of its own")
	}
	names[v.Name] = true
	for path := range v.Set.Entries() {
		text, _ := path.Text()
		if key, _, _ := strings.Cut(text, "."); slices.Contains(common, key) {
			l.found = append(l.found, path.Position().Diagnostic(strict.Error, key+" is the same for all variants", "set it at the top of the file"))
		}
	}
}

// common are the keys that hold for all variants of a file: comparing them
// would mean nothing otherwise.
var common = []string{"name", "about", "seed", "duration", "warmup", "replications", "variants", "expect", "plots"}

// NoVariant as the Against of a variant says that it is compared with none.
const NoVariant = "none"

// against returns the name of the variant that variant i is compared with, or
// "" for none.
func (l *loader) against(doc *strict.Document, variants []Variant, i int) string {
	name := variants[i].Against
	switch {
	case name == NoVariant || name == "" && i == 0:
		return ""
	case name == "":
		return variants[0].Name
	}
	var earlier []string
	for _, v := range variants[:i] {
		if v.Name == name {
			return name
		}
		earlier = append(earlier, v.Name)
	}
	hint := "write none, or one of " + quoteAll(earlier)
	if near := l.nearest(name, earlier); near != "" {
		hint = "did you mean " + near + "?"
	}
	l.bad(doc, fmt.Sprintf("variants[%d].against", i), fmt.Sprintf("%q is not an earlier variant", name), hint)
	return ""
}

// decode reads a document into a scenario and reports what is wrong in itself.
// mistakes are what could not be read.
func (l *loader) decode(doc *strict.Document) (s *Scenario, mistakes strict.Diagnostics) {
	s = &Scenario{}
	strict.SetDefaults(s)
	mistakes = doc.Decode(s, Policies)
	for i := range mistakes {
		if strings.HasPrefix(mistakes[i].Text, `unknown field "product"`) {
			mistakes[i].Hint = "write balancer: {product: haproxy}, or product beside the name of a service"
		}
		if strings.HasSuffix(mistakes[i].Path, "slow_start.amount") {
			mistakes[i].Hint = "write amount: 10, unit: percent for 10 % of another server's load, or amount: 5, unit: per-second"
		}
	}
	s.complete()
	l.found = append(l.found, doc.Check(s, mistakes)...)
	return s, mistakes
}

// plan expands a variant's names and reads its files. After errors it returns
// an incomplete plan.
func (l *loader) plan(doc *strict.Document, name string, s *Scenario, mistakes strict.Diagnostics) Plan {
	p := Plan{Name: name, Scenario: s}
	e := expander{loader: l, doc: doc, scenario: s, unread: mistakes}
	p.Config = e.expand()
	if l.found.Err() != nil {
		return p
	}
	c := takeCensus(&p)
	p.Memory = c.memory().total()
	if l.checkSize(doc, c); l.found.Err() != nil {
		return p
	}
	for _, problem := range p.Config.Check() {
		// Everything has been checked at its place; this is a safety net.
		l.found = append(l.found, doc.Problem(problem))
	}
	if l.found.Err() != nil {
		return p
	}
	p.Requests = c.hasRequests()
	before := len(l.found)
	l.checkReplays(doc, c)
	l.warn(doc, c)
	p.Warnings = slices.Clone(l.found[before:])
	p.Warnings.Sort()
	l.sum.add(c)
	return p
}

// complete fills in what was left out and depends on other parts.
func (s *Scenario) complete() {
	if len(s.Balancer.Services) == 0 && len(s.Servers) > 0 {
		all := lb.Service{Name: "all"}
		strict.SetDefaults(&all)
		for _, sv := range s.Servers {
			m := lb.MemberConfig{Name: sv.Name + sv.Names}
			m.SetDefaults()
			all.Servers = append(all.Servers, m)
		}
		s.Balancer.Services = []lb.Service{all}
	}
	if len(s.Sites) == 0 {
		for i := range s.Traffic {
			if t := &s.Traffic[i]; t.Trace == "" && len(t.From) == 0 {
				t.From = []string{"clients"}
				s.Sites = []snat.Site{{Name: "clients", Clients: 1000}}
			}
		}
	}
	c := models.Config{Balancer: s.Balancer, Traffic: s.Traffic}
	c.Complete()
	s.Balancer, s.Traffic = c.Balancer, c.Traffic
}

// maxCompared bounds the names among which near ones are searched, all searches
// together: among thousands of names each takes some milliseconds.
const maxCompared = 100_000

// nearest returns the candidate that a word was probably meant to be, or "".
func (l *loader) nearest(word string, candidates []string) string {
	if l.near += len(candidates); l.near > maxCompared {
		return ""
	}
	return strict.Nearest(word, candidates)
}

func (l *loader) bad(doc *strict.Document, path, text, hint string) {
	l.found = append(l.found, doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint}))
}
