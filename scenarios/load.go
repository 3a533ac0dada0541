package scenarios

import (
	"fmt"
	"io/fs"
	"path"

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

// Setting is a change from the command line, --set path=value.
type Setting struct{ Path, Value string }

// maxSource bounds the size of a scenario file, in bytes.
const maxSource = strict.MaxBytes

// Load reads a scenario from a file system. Files that the scenario names are
// read from its folder; those that a setting names are opened with open, which
// may be nil. The error, if any, is strict.Diagnostics with everything that is
// wrong, or the error of reading the file itself.
func Load(fsys fs.FS, name string, settings []Setting, open func(name string) (fs.File, error)) (*File, error) {
	src, err := readLimited(fsys, name, maxSource+1)
	if err != nil {
		return nil, err
	}
	return Parse(name, src, settings, &files{fsys: fsys, folder: path.Dir(name), outside: open})
}

// Parse is Load for a text that is already in memory, without files if from is
// nil.
func Parse(name string, src []byte, settings []Setting, from *files) (*File, error) {
	doc, found := strict.Parse(name, src)
	if err := found.Err(); err != nil {
		return nil, err
	}
	for _, s := range settings {
		found = append(found, doc.Set(s.Path, s.Value, settingOrigin)...)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	if from == nil {
		from = &files{}
	}
	l := loader{files: from}
	f := l.load(doc)
	l.found.Sort()
	if err := l.found.Err(); err != nil {
		return nil, err
	}
	f.Warnings = l.found
	return f, nil
}

// settingOrigin stands for the file name in messages about --set.
const settingOrigin = "--set"

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
