package haproxycfg

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"lbsim/models/flow"
	"lbsim/scenarios/convert"
)

// A reader reads a configuration.
type reader struct {
	file     string
	release  Release
	proxies  []*proxy
	defaults map[string]*proxy  // by name
	spread   flow.Share         // spread-checks
	servers  int                // so far
	called   map[*server]string // what they are called in the scenario
	serving  map[string]*proxy  // listen and backend, by name
	taking   map[string]*proxy  // listen and frontend
	lending  map[string]bool    // sections whose tables others use
	tables   map[*line]bool     // stick tables that keep clients
	remarks  []convert.Remark
	told     map[convert.Remark]bool
	untold   int   // remarks above mostRemarks
	without  []int // numbers of lines that do not bear on which server has what
	errs     []error
	branches []branch
}

// A branch is a block .if that is being read: of its parts the first is.
type branch struct {
	line *line // where it begins
	skip bool
}

// maxErrors is how many mistakes are told.
const maxErrors = 10

// remark says what becomes of a line.
func (r *reader) remark(l *line, why string, args ...any) {
	r.tell(convert.Remark{Line: l.number, Text: convert.Printable(l.shown()), Why: fmt.Sprintf(why, args...)})
}

// tell adds a remark, once. Of very many the last are counted only.
func (r *reader) tell(one convert.Remark) {
	switch {
	case r.told[one]:
	case len(r.remarks) >= mostRemarks:
		r.untold++
	default:
		r.told[one] = true
		r.remarks = append(r.remarks, one)
	}
}

// mostRemarks is how many lines are remarked on, more than anybody reads.
const mostRemarks = 2000

// fail says what is wrong with word i of a line, or at its end.
func (r *reader) fail(l *line, i int, hint, text string, args ...any) {
	column := len(strings.TrimRight(l.text, " \t\r")) + 1
	if i < len(l.words) {
		column = l.words[i].column
	}
	r.failAt(l, column, hint, text, args...)
}

func (r *reader) failAt(l *line, column int, hint, text string, args ...any) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, &convert.LineError{
			File: r.file, Line: l.number, Col: column, Text: fmt.Sprintf(text, args...), Hint: hint, Source: convert.Printable(l.text),
		})
	}
}

// unknown says that word i of a line is none of the words that there are.
func (r *reader) unknown(l *line, i int, what string, names []string) {
	hint := ""
	if near := flow.Nearest(l.word(i), names); near != "" {
		hint = "did you mean " + near + "?"
	}
	r.fail(l, i, hint, "%q is not %s", convert.Printable(l.word(i)), what)
}

// read reads a whole configuration.
func (r *reader) read(text []byte) error {
	r.defaults, r.serving, r.taking, r.lending = map[string]*proxy{}, map[string]*proxy{}, map[string]*proxy{}, map[string]bool{}
	r.told, r.tables = map[convert.Remark]bool{}, map[*line]bool{}
	section, number := "", 0
	var current *proxy
	for raw := range strings.Lines(string(text)) {
		number++
		l := &line{number: number, text: strings.TrimRight(raw, "\n")}
		if why, column := l.cut(); why != "" {
			r.failAt(l, column, "", "%s", why)
			if strings.HasPrefix(why, "a byte") {
				break // no text: what follows would be noise
			}
			continue
		}
		if len(l.words) == 0 || r.conditional(l) {
			continue
		}
		for _, w := range l.words {
			if w.env {
				r.remark(l, "the environment's variables are not known here: what is missing is guessed")
				break
			}
		}
		if known()["section"].has(l.word(0)) {
			section = l.word(0)
			current = r.begin(l)
			continue
		}
		switch {
		case current != nil:
			r.line(current, l)
		case section == "global":
			r.global(l)
		case section == "":
			r.stray(l)
			return errors.Join(r.errs...) // what follows would be noise
		}
		if len(r.errs) >= maxErrors {
			break
		}
	}
	for _, b := range r.branches {
		r.failAt(&line{number: number}, 1, "", ".endif is missing for line %d", b.line.number)
	}
	return errors.Join(r.errs...)
}

// stray says that a line stands in no section, and what the file may be instead.
func (r *reader) stray(l *line) {
	const what = "a section: global, defaults, listen, frontend, backend"
	if last := l.word(len(l.words) - 1); strings.HasSuffix(last, ";") || strings.ContainsAny(last, "{}") {
		r.fail(l, 0, "lbsim import nginx reads those of nginx", "%q is not %s", convert.Printable(l.word(0)), what)
		return
	}
	r.unknown(l, 0, what, known()["section"].names)
}

// begin begins a section. It returns the proxy that it is, nil if it is none.
func (r *reader) begin(l *line) *proxy {
	kind := l.word(0)
	switch kind {
	case "global":
		return nil
	case "defaults", "frontend", "backend", "listen":
	case "peers":
		r.remark(l, "no balancer tells others of its table: see balancer.pair and sync")
		return nil
	default:
		r.without = append(r.without, l.number)
		return nil
	}
	name := l.word(1)
	if kind != "defaults" && name == "" {
		r.fail(l, 1, "", "the %s has no name", kind)
	}
	if strings.Trim(name, nameCharacters) != "" {
		r.fail(l, 1, "", "%q is not a name: letters, digits and - _ . : are allowed", convert.Printable(name))
	}
	if len(r.proxies) >= maxSections {
		r.fail(l, 0, "", "more than %d sections", maxSections)
	}
	base := r.defaults[""]
	if i := slices.Index(l.from(0), "from"); i > 0 {
		given, ok := r.defaults[l.word(i+1)]
		if !ok || l.word(i+1) == "" {
			r.fail(l, i+1, "", "there are no defaults %q above", convert.Printable(l.word(i+1)))
		}
		base = given
	} else if kind == "defaults" {
		base = nil
	}
	p := newProxy(base)
	p.kind, p.name, p.begun = kind, name, l
	if kind == "defaults" {
		if name == "from" {
			name = ""
		}
		r.defaults[""], r.defaults[name] = p, p
		return p
	}
	for _, kinds := range []struct {
		is    bool
		named map[string]*proxy
	}{{p.takes(), r.taking}, {p.serves(), r.serving}} {
		if other := kinds.named[name]; kinds.is && other != nil {
			r.fail(l, 1, "", "%s %s exists already, in line %d", other.kind, convert.Printable(name), other.begun.number)
			break
		}
		if kinds.is {
			kinds.named[name] = p
		}
	}
	r.proxies = append(r.proxies, p)
	return p
}

// conditional handles the words that begin with a dot, as .if, and reports whether
// the line is done with.
func (r *reader) conditional(l *line) bool {
	n := len(r.branches)
	switch l.word(0) {
	case ".if":
		r.remark(l, "conditions are not looked at: what stands below is read, and other branches are not")
		if n == maxNested {
			r.fail(l, 0, "", ".if inside of %d others", n)
			return true
		}
		r.branches = append(r.branches, branch{line: l})
	case ".elif", ".else":
		if n == 0 {
			r.fail(l, 0, "", "%s without .if", l.word(0))
			return true
		}
		r.branches[n-1].skip = true
		r.remark(l, "this branch is not read")
	case ".endif":
		if n == 0 {
			r.fail(l, 0, "", ".endif without .if")
			return true
		}
		r.branches = r.branches[:n-1]
	case ".notice", ".warning", ".alert", ".diag":
		r.without = append(r.without, l.number)
	default:
		return slices.ContainsFunc(r.branches, func(b branch) bool { return b.skip })
	}
	return true
}

// global reads a line of the section global.
func (r *reader) global(l *line) {
	switch l.word(0) {
	case "spread-checks":
		if n, why := parseNumber(l.word(1), 0, 50); why != "" {
			r.fail(l, 1, "", "spread-checks: %q %s", convert.Printable(l.word(1)), why)
		} else {
			r.spread = flow.Share(n) / 100
		}
	case "nbthread", "nbproc":
		if l.word(1) != "1" {
			r.remark(l, "one thread balances: several keep turns and idle connections of their own")
		}
	case "maxconn":
		r.remark(l, "%s", matters["maxconn"])
	default:
		r.without = append(r.without, l.number)
	}
}
