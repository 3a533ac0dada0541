package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/snat"
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
	// Files are the logs and traces that the scenario names, sorted.
	Files []string

	doc *strict.Document
}

// Plan is a variant ready to be built: names are expanded, files are read.
type Plan struct {
	Name     string
	Scenario *Scenario
	Config   models.Config
	// Requests says that the traffic has requests and not only connections.
	Requests bool
}

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
	l.found.Sort()
	if err := l.found.Err(); err != nil {
		return nil, err
	}
	f.Warnings = l.found
	f.Files = l.files.names()
	return f, nil
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
}

func (l *loader) load(doc *strict.Document) *File {
	base := l.decode(doc)
	f := &File{Scenario: base, doc: doc}
	l.checkExpectations(doc, base)
	if len(base.Variants) == 0 {
		f.Variants = []Plan{l.plan(doc, Base, base)}
		return f
	}
	names := map[string]bool{}
	for i, v := range base.Variants {
		at := fmt.Sprintf("variants[%d]", i)
		if v.Name == "" || names[v.Name] {
			l.bad(doc, at+".name", fmt.Sprintf("%q is not a new name", v.Name), "each variant needs a name of its own")
		}
		names[v.Name] = true
		changed := doc.Clone()
		if problems := changed.Apply(&v.Set); problems != nil {
			l.found = append(l.found, problems...)
			continue
		}
		f.Variants = append(f.Variants, l.plan(changed, v.Name, l.decode(changed)))
	}
	return f
}

// decode reads a document into a scenario and reports what is wrong in itself.
func (l *loader) decode(doc *strict.Document) *Scenario {
	s := &Scenario{}
	strict.SetDefaults(s)
	problems := doc.Decode(s, Policies)
	s.complete()
	l.found = append(l.found, doc.Check(s, problems)...)
	return s
}

// plan expands a variant's names and reads its files. After errors it returns
// an incomplete plan.
func (l *loader) plan(doc *strict.Document, name string, s *Scenario) Plan {
	p := Plan{Name: name, Scenario: s}
	if l.found.Err() != nil {
		return p
	}
	e := expander{loader: l, doc: doc, scenario: s}
	p.Config = e.expand()
	if l.found.Err() != nil {
		return p
	}
	for _, problem := range p.Config.Check() {
		// Everything has been checked at its place; this is a safety net.
		l.found = append(l.found, doc.Problem(problem))
	}
	for i := range p.Config.Traffic {
		t := &p.Config.Traffic[i]
		p.Requests = p.Requests || t.Requests != nil || t.Demand != nil
		for _, site := range p.Config.Sites {
			p.Requests = p.Requests || t.Arrivals != nil && hasDemand(site.Visits)
		}
	}
	l.checkSize(doc, &p)
	l.warn(doc, &p)
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

// Show returns the scenario with every default in full, as YAML.
func (f *File) Show() ([]byte, error) { return strict.Encode(f.Scenario, Policies) }

func (l *loader) bad(doc *strict.Document, path, text, hint string) {
	l.found = append(l.found, doc.Problem(flow.Problem{Path: path, Text: text, Hint: hint}))
}
