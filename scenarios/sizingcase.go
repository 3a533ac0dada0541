package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/scenarios/strict"
)

// A Case is one thing that sizing tries: so many of a candidate, with so much
// traffic, in a state.
type Case struct {
	Candidate, Count int
	// Load is how many times today's traffic there is.
	Load float64
	// Down are the servers that are down from the start on; with Rejoin, until
	// measuring begins.
	Down   []string
	Rejoin bool
}

// leftOut are the sections that no case has: what fails, and what comes back, is said
// in sizing alone.
var leftOut = []string{"variants", "expect", "tables", "plots", "timeline"}

// CaseSettings returns the changes that make a case of the scenario, which has a
// section sizing:
//
//   - the pattern of the servers that are counted stands for so many, wherever it
//     stands: at services, virtual machines, database copies;
//   - the candidate's cores are those of the servers and of their machines, which are
//     on the hosts in turn;
//   - with more traffic there are as many times as many clients, and rates of arrivals;
//   - timeline, failures by chance, variants and expectations are left out;
//   - the run begins as long before what is measured as the warm-up says, and ends with it.
func (f *File) CaseSettings(c *Case) []Setting {
	s := f.Scenario
	b := caseBuilder{file: f, flag: "sizing, " + s.Sizing.Candidates[c.Candidate].Name}
	for _, key := range leftOut {
		if f.doc.Root().Field(key) != nil {
			b.set(key, "[]")
		}
	}
	b.set("sizing", "null")
	b.set("replications", "1") // the sizing decides how many are made
	for _, path := range []string{"failures", "cluster.failures", "cluster.maintenance"} {
		if f.doc.Lookup(path) != nil {
			b.set(path, "null")
		}
	}
	x := &s.Sizing.Candidates[c.Candidate]
	for path, value := range x.Set.Entries() {
		text, _ := path.Text()
		b.set(text, value.OneLine())
	}
	if x.Cores > 0 {
		b.cores(x.Cores)
	}
	b.grow(c.Load)
	b.resize(c.Count)
	b.spread(c.Count)
	b.times(c)
	return b.settings
}

type caseBuilder struct {
	file     *File
	flag     string
	settings []Setting
}

func (b *caseBuilder) set(path, value string) {
	b.settings = append(b.settings, Setting{Flag: b.flag, Path: path, Value: value})
}

// cores gives the servers, and the machines that they are, so many.
func (b *caseBuilder) cores(n int) {
	b.set(fmt.Sprintf("servers[%d].cores", b.file.Scenario.counted()), strconv.Itoa(n))
	if k := b.file.machines(); k >= 0 {
		b.set(fmt.Sprintf("cluster.vms[%d].cores", k), strconv.Itoa(n))
	}
}

// resize puts the pattern of so many servers where the old one stands, and that of as
// many machines if they are called otherwise.
func (b *caseBuilder) resize(n int) {
	sv := &b.file.Scenario.Servers[b.file.Scenario.counted()]
	for _, old := range []string{sv.Names, sv.VM} {
		text, err := strict.Resize(old, n)
		if err != nil { // of the names that is checked; the machine is none, or the same
			continue
		}
		for key, value := range b.file.doc.Root().Entries() {
			if name, _ := key.Text(); slices.Contains([]string{"servers", "balancer", "cluster", "dag"}, name) {
				b.replace(name, value, old, strconv.Quote(text))
			}
		}
		if sv.VM == old {
			break
		}
	}
}

// replace sets what is old below a path.
func (b *caseBuilder) replace(path string, n *strict.Node, old, text string) {
	if word, ok := n.Text(); ok && word == old {
		b.set(path, text)
	}
	for i, item := range n.Elements() {
		b.replace(fmt.Sprintf("%s[%d]", path, i), item, old, text)
	}
	for key, item := range n.Entries() {
		name, _ := key.Text()
		b.replace(path+"."+name, item, old, text)
	}
}

// grow makes it so many times as much traffic.
func (b *caseBuilder) grow(load float64) {
	if load == 1 {
		return
	}
	s := b.file.Scenario
	for i := range s.Sites {
		if s.Sites[i].Clients > 0 && s.Sites[i].Log == "" && b.file.doc.Lookup(fmt.Sprintf("sites[%d]", i)) != nil {
			b.set(fmt.Sprintf("sites[%d].clients", i), strconv.Itoa(max(1, int(math.Round(load*float64(s.Sites[i].Clients))))))
		}
	}
	for i := range s.Traffic {
		path := fmt.Sprintf("traffic[%d].arrivals", i)
		if n := b.file.doc.Lookup(path); n != nil {
			b.faster(path, n, load)
		}
	}
}

// faster multiplies all rates below a path.
func (b *caseBuilder) faster(path string, n *strict.Node, load float64) {
	if word, ok := n.Text(); ok {
		if r, err := strict.ParseRate(word); err == nil {
			b.set(path, strict.FormatRate(flow.Rate(load*float64(r))))
		}
	}
	for i, item := range n.Elements() {
		b.faster(fmt.Sprintf("%s[%d]", path, i), item, load)
	}
	for key, item := range n.Entries() {
		name, _ := key.Text()
		b.faster(path+"."+name, item, load)
	}
}

// times says when the run begins to be measured and ends, and what is down when.
func (b *caseBuilder) times(c *Case) {
	s := b.file.Scenario
	for i := range s.Traffic {
		if p := s.Traffic[i].Peak; p != nil && s.skipped() > 0 {
			b.set(fmt.Sprintf("traffic[%d].peak.at", i), strict.FormatDuration(p.At-s.skipped()))
		}
	}
	from, to := s.CaseTimes()
	if c.Rejoin {
		if from == 0 {
			from = to / 2
		}
		to = from + s.Sizing.Rejoin
	}
	b.set("warmup", strict.FormatDuration(from))
	b.set("duration", strict.FormatDuration(to))
	if len(c.Down) == 0 {
		return
	}
	var events []string
	for _, name := range c.Down {
		b.down(&events, name, c.Rejoin, from)
	}
	b.set("timeline", "["+strings.Join(events, ", ")+"]")
}

// down adds what happens to a server. One that nobody checks would get connections
// for ever: an operator takes it out.
func (b *caseBuilder) down(events *[]string, name string, returns bool, at time.Duration) {
	s, target := b.file.Scenario, name
	if s.Cluster != nil || s.DAG != nil {
		target = "server:" + name // and not the machine, which its platform would start again
	}
	verbs := [2]string{"fail", "recover"}
	if slices.ContainsFunc(s.Balancer.Services, func(x lb.Service) bool { return x.Health.Kind == lb.NoCheck }) && !s.hosts() {
		verbs = [2]string{"disable", "enable"}
	}
	add := func(at time.Duration, verb string) {
		*events = append(*events, fmt.Sprintf("{at: %s, %s: %s}", strict.FormatDuration(at), verb, strconv.Quote(target)))
	}
	if add(0, verbs[0]); returns {
		add(at, verbs[1])
	}
}
