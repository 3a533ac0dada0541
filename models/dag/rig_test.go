package dag

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios/strict"
	"lbsim/sim"
)

// A rig is a group by hand, on hosts that take down whom they have.
type rig struct {
	e          *sim.Engine
	config     Config
	dag        *DAG
	on         map[string][]string // what each host has
	candidates []Candidate
	copies     []string // names of the candidates
	source     Selection
	out        []string
}

func newRig(shuffle uint64) *rig {
	r := &rig{e: sim.New(1, 0), on: map[string][]string{}}
	r.e.ShuffleTies(shuffle)
	return r
}

// Flush returns what was printed. What was noted at one instant is put in order,
// as events of one instant may come in any.
func (r *rig) Flush() []string {
	out := r.out
	r.out = nil
	for from := 0; from < len(out); {
		to := from + 1
		for to < len(out) && instant(out[from]) != "" && instant(out[to]) == instant(out[from]) {
			to++
		}
		slices.Sort(out[from:to])
		from = to
	}
	return out
}

// instant returns the time at the start of a line of the timeline, "" if it is
// none.
func instant(line string) string {
	at, _, _ := strings.Cut(line, "s ")
	if _, err := strconv.ParseFloat(at, 64); err != nil {
		return ""
	}
	return at
}

func (r *rig) say(format string, args ...any) { r.out = append(r.out, fmt.Sprintf(format, args...)) }

// Noted and the others write the timeline.
func (r *rig) Noted(n flow.Note) { r.say("%gs %s %s", n.At.Seconds(), n.Actor, n.Text) }

func (r *rig) Assigned(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time) {}
func (r *rig) Opened(flow.ConnID, *flow.Conn, sim.Time)                 {}
func (r *rig) Closed(flow.ConnID, *flow.Conn, flow.Outcome, sim.Time)   {}
func (r *rig) Arrived(*flow.Request, sim.Time)                          {}
func (r *rig) Finished(*flow.Request, flow.Outcome, sim.Time)           {}
func (r *rig) Mounted(database, member int)                             {}
func (r *rig) Dismounted(database int)                                  {}

// Command carries out one line:
//
//	dag {members: [ex1, ex2], …}   the group, as in a scenario, on one line
//	on H1 ex1 witness   a host has members, or the witness
//	fail H1 ex3         hosts, members or the witness fail at the same instant
//	up ex1 ex2          members or the witness are up again
//	shutdown ex1        a member shuts down in order
//	stun ex1 5s         a member stands still
//	split ex1,witness ex2,ex3   the network is divided; heal ends that
//	move db1 ex2        a planned move; move db1: wherever it can be mounted
//	break db1           the mounted copy breaks; mend db1 ex1
//	allow               an operator lets all members mount (DAC)
//	at 30s              time passes up to then
//	show                votes and copies; meter: what was counted
//	source unreachable  or reachable, dial=…, by=preference: for select
//	copy B preference=2 queue=4 replay=10 index=crawling dial=lossless blocked
//	select              best copy selection among the copies so far
func (r *rig) Command(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	args := strings.Fields(rest)
	switch verb {
	case "dag":
		return r.build(rest)
	case "on":
		r.on[args[0]] = args[1:]
		return nil
	case "source", "copy", "select":
		return r.selecting(verb, args)
	}
	if r.dag == nil {
		return errors.New("no group yet")
	}
	switch verb {
	case "fail":
		return r.each(args, r.dag.MemberDown, r.dag.WitnessDown)
	case "up":
		return r.each(args, r.dag.MemberUp, r.dag.WitnessUp)
	case "shutdown":
		return r.each(args, r.dag.MemberShutdown, nil)
	case "stun":
		d, err := strict.ParseDuration(args[len(args)-1])
		return errors.Join(err, r.each(args[:len(args)-1], func(m int) { r.dag.MemberStunned(m, d) }, nil))
	case "split":
		return r.split(args)
	case "heal":
		r.dag.NetworkHealed()
	case "move":
		to := -1
		if len(args) > 1 {
			to = r.member(args[1])
		}
		if !r.dag.Switchover(r.database(args[0]), to) {
			r.say("%s cannot be moved", args[0])
		}
	case "break":
		r.dag.DatabaseFailed(r.database(args[0]))
	case "mend":
		r.dag.CopyMended(r.database(args[0]), r.member(args[1]))
	case "allow":
		r.dag.AllowMounting()
	case "at":
		t, err := strict.ParseDuration(args[0])
		r.e.Run(sim.Time(t))
		return err
	case "show":
		r.show()
	case "meter":
		r.meter()
	default:
		return errors.New("no such command")
	}
	return nil
}

func (r *rig) build(text string) error {
	r.config.SetDefaults()
	doc, found := strict.Parse("dag", []byte(text))
	if doc != nil {
		found = doc.Decode(&r.config, nil)
	}
	if err := found.Err(); err != nil {
		return err
	}
	if problems := append(flow.Check(&r.config), r.config.CheckNames()...); len(problems) > 0 {
		return flow.Join(problems)
	}
	r.dag = New(r.e, r.config, Options{Listener: r, Observer: r})
	return nil
}

// each calls member or witness for each of the names; those of hosts stand for
// what they have.
func (r *rig) each(names []string, member func(int), witness func()) error {
	for _, name := range names {
		list, host := r.on[name]
		if !host {
			list = []string{name}
		}
		for _, n := range list {
			switch m := r.member(n); {
			case n == "witness" && witness != nil:
				witness()
			case m >= 0:
				member(m)
			default:
				return fmt.Errorf("nobody is called %s", n)
			}
		}
	}
	return nil
}

func (r *rig) member(name string) int {
	return slices.IndexFunc(r.config.Members, func(m Member) bool { return m.Name == name })
}

func (r *rig) database(name string) int {
	return slices.IndexFunc(r.config.Databases, func(d Database) bool { return d.Name == name })
}

func (r *rig) split(args []string) error {
	var sides []Side
	for _, arg := range args {
		var s Side
		for _, name := range strings.Split(arg, ",") {
			if name == "witness" {
				s.Witness = true
			} else if m := r.member(name); m >= 0 {
				s.Members = append(s.Members, m)
			} else {
				return fmt.Errorf("nobody is called %s", name)
			}
		}
		sides = append(sides, s)
	}
	r.dag.NetworkSplit(sides)
	return nil
}

func (r *rig) show() {
	quorum, votes := "no quorum", []string{}
	if r.dag.HasQuorum() {
		quorum = "quorum"
	}
	for m := range r.config.Members {
		if r.dag.Votes().Has(m) {
			votes = append(votes, r.config.Members[m].Name)
		}
	}
	if r.dag.Votes()&Witness != 0 {
		votes = append(votes, "witness")
	}
	r.say("%s, votes %s", quorum, strings.Join(votes, " "))
	for i := range r.config.Databases {
		var parts []string
		for j, c := range r.config.Databases[i].Copies {
			state := r.dag.State(i, j).String()
			if on, mounted := r.dag.Active(i); state == "active" && !mounted && on == r.member(c.On) {
				state = "dismounted"
			}
			parts = append(parts, c.On+" "+state)
		}
		r.say("%s %s", r.config.Databases[i].Name, strings.Join(parts, ", "))
	}
}

func (r *rig) meter() {
	now := r.e.Now()
	g := r.dag.Meter(now)
	r.say("without quorum %v, lost %d, evictions %d", g.WithoutQuorum, g.Losses, g.Evictions)
	for i := range r.config.Databases {
		m := r.dag.DatabaseMeter(i, now)
		line := fmt.Sprintf("%s dismounted %v, thin %v", r.config.Databases[i].Name, m.Dismounted, m.Thin.Round(time.Millisecond))
		for _, c := range []struct {
			name string
			n    int
		}{
			{"failovers", m.Failovers}, {"false", m.FalseFailovers}, {"lossy", r.dag.databases[i].meter.lossyMounts}, {"logs lost", m.LostLogs},
			{"switchovers", m.Switchovers}, {"returns", m.Returns},
		} {
			if c.n > 0 {
				line += fmt.Sprintf(", %s %d", c.name, c.n)
			}
		}
		r.say("%s", line)
	}
}

func (r *rig) selecting(verb string, args []string) (err error) {
	number := func(s string) int {
		n, e := strconv.Atoi(s)
		err = errors.Join(err, e)
		return n
	}
	switch verb {
	case "source":
		r.source = Selection{SourceDial: GoodAvailability, Reachable: args[0] == "reachable"}
		for _, a := range args[1:] {
			key, value, _ := strings.Cut(a, "=")
			switch key {
			case "dial":
				r.source.SourceDial = Dial(value)
			case "by":
				r.source.ByPreference = value == "preference"
			}
		}
	case "copy":
		n := len(r.copies)
		if at := slices.Index(r.copies, args[0]); at >= 0 { // anew
			n = at
		} else {
			r.copies, r.candidates = append(r.copies, args[0]), append(r.candidates, Candidate{})
		}
		c := Candidate{Copy: n, Preference: n + 2, Status: DisconnectedAndHealthy, Index: IndexHealthy, Dial: GoodAvailability}
		for _, a := range args[1:] {
			key, value, _ := strings.Cut(a, "=")
			switch key {
			case "preference":
				c.Preference = number(value)
			case "queue":
				c.CopyQueue = number(value)
			case "replay":
				c.ReplayQueue = number(value)
			case "index":
				c.Index = IndexState(value)
			case "dial":
				c.Dial = Dial(value)
			case "blocked":
				c.Barred = true
			case "failed":
				c.Status = StatusFailed
			default:
				return fmt.Errorf("no option %s", key)
			}
		}
		r.candidates[n] = c
	case "select":
		s := r.source
		s.Candidates = r.candidates
		choice := SelectCopy(s)
		line := "none"
		if choice.Copy >= 0 {
			line = fmt.Sprintf("%s in set %d, %d lost", r.copies[choice.Copy], choice.Set, choice.Lost)
		}
		for _, c := range choice.Tried {
			line += ", tried " + r.copies[c]
		}
		r.say("%s", line)
	}
	return err
}
