package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"

	"lbsim/models/flow"
	"lbsim/models/snat"
	"lbsim/scenarios/convert"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// files gives access to the logs and traces that a scenario names, and reads
// each only once.
type files struct {
	folder fs.FS           // of the scenario; nil: there are none
	flags  map[string]bool // names of the command line flags that set values
	logs   map[string]*convert.Log
	traces map[string]*convert.Trace
	visits map[string]*flow.Visits
}

// open opens a file named in the scenario, which must lie in or below the
// scenario's folder, or one named by a command line flag, which may lie
// anywhere. It must be a regular file: opening a pipe would wait for a writer.
func (f *files) open(name, from string) (fs.File, error) {
	clean := path.Clean(filepath.ToSlash(name))
	var info fs.FileInfo
	var err error
	switch {
	case f.flags[from]:
		info, err = os.Stat(name)
	case !filepath.IsLocal(name) || !fs.ValidPath(clean):
		return nil, strict.Mistake{Text: fmt.Sprintf("%q lies outside the scenario's folder", name), Hint: "put the file beside the scenario, or name it with --set"}
	case f.folder == nil:
		return nil, strict.Mistake{Text: fmt.Sprintf("%q cannot be found: a scenario on standard input has no folder", name), Hint: "name the file with --set"}
	default:
		info, err = fs.Stat(f.folder, clean)
	}
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, strict.Mistake{Text: fmt.Sprintf("%q is not a regular file", name)}
	case f.flags[from]:
		return os.Open(name)
	}
	return f.folder.Open(clean)
}

// names lists the files that were read.
func (f *files) names() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range f.logs {
			if !yield(name) {
				return
			}
		}
		for name := range f.traces {
			if !yield(name) {
				return
			}
		}
	})
}

// read opens a file and hands it to a parser; problems are reported at path.
func (e *expander) read(at, name string, parse func(r io.Reader) error) bool {
	file, err := e.files.open(name, e.doc.At(at).File)
	if err == nil {
		defer file.Close()
		err = parse(file)
	}
	if err == nil {
		return true
	}
	var missing *fs.PathError
	if errors.As(err, &missing) {
		text := fmt.Sprintf("file %q cannot be read: %v", name, missing.Err)
		if errors.Is(err, fs.ErrNotExist) {
			text = fmt.Sprintf("file %q does not exist", name)
		}
		err = strict.Mistake{Text: text}
	}
	e.found = append(e.found, e.mistakes(at, err)...)
	return false
}

// mistakes turns the errors of reading a file into findings: those that know
// their own line stand on their own, the others are put where the file is
// named.
func (e *expander) mistakes(at string, err error) (found strict.Diagnostics) {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range list.Unwrap() {
			found = append(found, e.mistakes(at, one)...)
		}
		return found
	}
	var line *convert.LineError
	if !errors.As(err, &line) {
		return strict.Diagnostics{e.doc.Mistake(at, err)}
	}
	if line.Source == "" { // of an empty file there is nothing to show
		return strict.Diagnostics{{File: line.File, Severity: strict.Error, Text: line.Text, Hint: line.Hint}}
	}
	return strict.Diagnostics{{
		File: line.File, Line: line.Line, Column: line.Col, Severity: strict.Error,
		Text: line.Text, Hint: line.Hint, Source: line.Source, Width: 1,
	}}
}

// readSite reads the logs that a site names.
func (e *expander) readSite(at string, site *snat.Site) {
	if site.Log != "" {
		site.Visits = e.logVisits(at+".log", site.Log)
	}
	if site.NAT == nil {
		return
	}
	if l, ok := site.NAT.Sizes.(*snat.FromLog); ok {
		if log := e.readLog(at+".nat.sizes.file", l.File); log != nil {
			sizes := *l
			for _, a := range log.Addresses() {
				sizes.Requests = append(sizes.Requests, float64(a.Requests))
			}
			nat := *site.NAT
			nat.Sizes = &sizes
			site.NAT = &nat
		}
	}
}

func (e *expander) readLog(at, name string) *convert.Log {
	if log, ok := e.files.logs[name]; ok {
		return log
	}
	var log *convert.Log
	if !e.read(at, name, func(r io.Reader) (err error) { log, err = convert.ReadLog(r, name); return err }) {
		return nil
	}
	if log.Malformed > 0 {
		bad := log.Bad[0]
		e.found = append(e.found, e.doc.At(at).Diagnostic(strict.Warning,
			fmt.Sprintf("%d of the %d lines of %s are malformed and left out", log.Malformed, log.Lines, name),
			fmt.Sprintf("the first is line %d: %s", bad.Line, bad.Why)))
	}
	for _, w := range log.Warnings {
		e.found = append(e.found, e.doc.At(at).Diagnostic(strict.Warning, w, ""))
	}
	if e.files.logs == nil {
		e.files.logs = map[string]*convert.Log{}
	}
	e.files.logs[name] = log
	return log
}

// logVisits returns the requests of a log as connections that close at once.
func (e *expander) logVisits(at, name string) *flow.Visits {
	if v, ok := e.files.visits[name]; ok {
		return v
	}
	log := e.readLog(at, name)
	if log == nil {
		return nil
	}
	v := &flow.Visits{}
	place := map[netip.Addr]uint32{}
	for i := range log.Clients {
		c := &log.Clients[i]
		v.Home = append(v.Home, v.Address(place, c.Addr))
		v.Clients = append(v.Clients, clientName(c))
	}
	for i := range log.Entries {
		x := &log.Entries[i]
		v.List = append(v.List, flow.Visit{
			At: sim.Time(x.At), Client: uint32(x.Client), Addr: v.Home[x.Client],
			Hold: x.Took, Demand: flow.Unknown, Service: -1,
		})
	}
	if e.files.visits == nil {
		e.files.visits = map[string]*flow.Visits{}
	}
	e.files.visits[name] = v
	return v
}

func clientName(c *convert.Client) string {
	name := c.Name
	if name == "" {
		name = c.Addr.String()
	}
	if c.Agent != "" {
		name += " " + c.Agent
	}
	return name
}

// readTrace reads recorded connections; the services that they name must exist.
func (e *expander) readTrace(at, name string, services *names) *flow.Visits {
	trace, ok := e.files.traces[name]
	if !ok {
		if !e.read(at, name, func(r io.Reader) (err error) { trace, err = convert.ReadTrace(r, name); return err }) {
			return nil
		}
		if e.files.traces == nil {
			e.files.traces = map[string]*convert.Trace{}
		}
		e.files.traces[name] = trace
	}
	numbers := make([]int32, len(trace.Services))
	for i, s := range trace.Services {
		numbers[i] = -1
		for k, known := range services.order {
			if s == known {
				numbers[i] = int32(k)
			}
		}
		if numbers[i] < 0 {
			e.bad(e.doc, at, fmt.Sprintf("the trace asks for service %q, which does not exist", s), services.hint(s))
			return nil
		}
	}
	return visitsOf(trace, numbers)
}

func visitsOf(trace *convert.Trace, services []int32) *flow.Visits {
	v := &flow.Visits{Clients: trace.Clients, Home: make([]uint32, len(trace.Clients)), Keys: trace.Keys, Values: trace.Values}
	place := map[netip.Addr]uint32{}
	seen := make([]bool, len(trace.Clients))
	for i := range trace.Arrivals {
		a := &trace.Arrivals[i]
		x := flow.Visit{At: sim.Time(a.At), Client: uint32(a.Client), Addr: v.Address(place, a.Src), Hold: a.Hold, Demand: flow.Unknown, Service: -1}
		if a.HasDemand {
			x.Demand = a.Demand
		}
		if a.Service >= 0 {
			x.Service = services[a.Service]
		}
		if !seen[a.Client] {
			seen[a.Client], v.Home[a.Client] = true, x.Addr
		}
		v.List = append(v.List, x)
	}
	return v
}

func hasDemand(v *flow.Visits) bool {
	if v == nil {
		return false
	}
	for i := range v.List {
		if v.List[i].Demand != flow.Unknown {
			return true
		}
	}
	return false
}
