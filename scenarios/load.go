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
	Name    string
	Against string // name of the variant that this one is compared with, or ""
	// At are the names of its values on the axes of the grid, if it is of one.
	At       []string
	Scenario *Scenario
	Config   models.Config
	// Requests says that the traffic has requests and not only connections.
	Requests bool
	// Memory is about how many bytes a replication takes while it runs.
	Memory float64
	// Warnings are what is allowed but probably not meant, in this variant.
	Warnings strict.Diagnostics
	// listed is the element of the scenario's list that each server is one of.
	listed []int
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
		l.checkPilot(doc, f)
		l.warnUnread(doc, f)
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

// CheckPlots returns the figures that the scenario asks for and that are not
// among the known ones, which the scenario language does not know by itself.
func (f *File) CheckPlots(known []string) strict.Diagnostics {
	var found strict.Diagnostics
	for i, name := range f.Scenario.Plots {
		for _, p := range flow.OneOf(fmt.Sprintf("plots[%d]", i), name, known...) {
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
	// laidOut is the hosts times machines of the clusters that were tried out.
	laidOut int
	// product is the one of the file without its variants' changes.
	product lb.Product
	// values are those of all products, once they are needed.
	values map[*product.Value]*strict.Node
}

func (l *loader) load(doc *strict.Document) *File {
	based := l.withProducts(doc)
	base, mistakes := l.decode(based)
	l.product = base.Balancer.Product
	if l.recordedDuration(doc, base, mistakes) {
		// Variants last as long, whatever they replay.
		doc.Set("duration", strict.FormatDuration(base.Duration), recordedTime)
	}
	f := &File{Scenario: base, doc: doc}
	l.checkExpectations(doc, base, mistakes)
	l.checkTables(doc, base)
	l.checkSizing(doc, base, mistakes)
	l.checkReplications(doc, base, mistakes)
	vs := &base.Variants
	if vs.none() {
		f.Variants = []Plan{l.plan(based, Base, base, mistakes)}
		return f
	}
	l.checkGrid(doc, vs)
	if !l.checkCount(doc, vs) {
		return f
	}
	names := map[string]bool{}
	for i, x := range vs.versions() {
		if len(vs.Axes) == 0 {
			l.checkVariant(doc, fmt.Sprintf("variants[%d]", i), &vs.Listed[i], names)
		} else if names[x.name] && !slices.ContainsFunc(x.parts, func(v *Variant) bool { return v.Name == "" }) {
			l.bad(doc, "variants", fmt.Sprintf("two combinations are called %q", x.name), "give their values other names")
		}
		names[x.name] = true
		changed, ok := l.apply(doc, &x)
		if !ok {
			continue
		}
		changed = l.withProducts(changed)
		s, mistakes := l.decode(changed)
		if l.names > maxNames {
			return f // said so; the variants to come would only cost time
		}
		plan := l.plan(changed, x.name, s, mistakes)
		plan.Against = x.against
		for a, k := range x.at {
			plan.At = append(plan.At, vs.Axes[a].Values[k].Name)
		}
		if len(vs.Axes) == 0 {
			plan.Against = l.against(doc, "variants", vs.Listed, i)
		}
		f.Variants = append(f.Variants, plan)
	}
	return f
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
		if hint := otherName(mistakes[i].Text); hint != "" {
			mistakes[i].Hint = hint
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
	p.listed = e.listed
	if l.found.Err() != nil {
		return p
	}
	l.checkHosts(doc, &p)
	if l.checkSaved(doc, &p); l.found.Err() != nil {
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
	if s.hosts() {
		s.completeHosts()
	}
	c := models.Config{Balancer: s.Balancer, Traffic: s.Traffic}
	c.Complete()
	if s.Traffic = c.Traffic; !s.hosts() {
		s.Balancer = c.Balancer
	}
}

// maxCompared bounds the names among which near ones are searched, all searches
// together: among thousands of names each takes some milliseconds.
const maxCompared = 100_000

// nearest returns the candidate that a word was probably meant to be, or "".
func (l *loader) nearest(word string, candidates []string) string {
	if l.near += len(candidates); l.near > maxCompared {
		return ""
	}
	return flow.Nearest(word, candidates)
}

func (l *loader) bad(doc *strict.Document, path, text, hint string) {
	l.found = append(l.found, doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint}))
}
