package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"lbsim/models/flow"
	"lbsim/scenarios/strict"
)

// Sizing asks how many servers to buy, and of which kind. It is what `lbsim size`
// reads; `lbsim run` simulates the servers that the scenario has.
//
// Each candidate is tried with more or fewer servers. In each case the objectives
// are to hold in three states: in normal operation, with as much down as there is
// to survive, and while that comes back.
type Sizing struct {
	// Servers is the pattern of the servers that are counted, as the list servers
	// has it; "" for the only pattern there.
	Servers    string      `yaml:"servers,omitempty" doc:"the servers that are counted, as the list servers names them, such as node[1-4]; left out: those of its only pattern"`
	Candidates []Candidate `yaml:"candidates" doc:"what could be bought"`
	Count      Count       `yaml:"count" doc:"how many are tried, as in 2..40"`
	Survive    Survive     `yaml:"survive" doc:"what may be down while the objectives still have to hold"`
	// Rejoin is how long is watched after that has come back, at most a day; 0:
	// the return is not looked at.
	Rejoin time.Duration `yaml:"rejoin" doc:"how long is watched after what was down has come back; 0s: the return is not looked at"`
	// Between is the time that is measured in the other states.
	Between    []time.Duration `yaml:"between,omitempty" doc:"from and to: the time that is measured; left out: the peak of the traffic, or all after the warm-up"`
	Objectives []Objective     `yaml:"objectives" doc:"limits that have to be kept in every state"`
	Confidence flow.Share      `yaml:"confidence" doc:"how sure the answer is to be"`
	// Indifference is how close to its limit a metric may be for either answer to
	// do, as a share of the limit.
	Indifference flow.Share `yaml:"indifference" doc:"how close to its limit, as a share of that, a metric may be for either answer to do"`
	// Replications bounds those of each case and state, from 4 to 1000.
	Replications int     `yaml:"replications" doc:"most replications of each case and state; as many are made as it takes to be sure"`
	Growth       *Growth `yaml:"growth,omitempty" doc:"the traffic to be ready for; left out: that of today"`
}

// Candidate is a kind of server that could be bought.
type Candidate struct {
	Name string `yaml:"name" doc:"name of the candidate"`
	// Cores replace those of the servers, and of the virtual machines that they
	// are; 0 leaves both as they are.
	Cores int     `yaml:"cores,omitempty" doc:"processor cores of each server, and of the virtual machine that it is; left out: those of the scenario"`
	Price float64 `yaml:"price" doc:"price of one, in any currency"`
	Count *Count  `yaml:"count,omitempty" doc:"how many of this candidate are tried; left out: as of all"`
	// Set maps paths to values that replace those of the scenario.
	Set strict.Node `yaml:"set,omitempty" doc:"paths and the values that replace those of the scenario, such as other memory or faster cores"`
}

// Survive is what may be down: hosts with all their servers, or servers.
type Survive struct {
	Hosts   int `yaml:"hosts,omitempty" doc:"hosts of the cluster that may be down at a time, with the servers on them"`
	Servers int `yaml:"servers,omitempty" doc:"servers that may be down at a time"`
}

// Objective is a limit that a metric has to keep.
type Objective struct {
	Metric string `yaml:"metric" doc:"name of a metric"`
	Below  *Limit `yaml:"below,omitempty" doc:"what the metric must be below"`
	Above  *Limit `yaml:"above,omitempty" doc:"what the metric must be above"`
}

// Growth is how much more traffic there will be: all clients and rates grow.
type Growth struct {
	PerYear flow.Share `yaml:"per_year" doc:"how much more each year, on top of the year before"`
	Years   float64    `yaml:"years" doc:"years from now for which the servers have to do, 0 to 20"`
}

// Bounds on sizing.
const (
	maxCandidates = 50
	maxCounted    = 1000 // servers of a candidate
	// LeastReplications are made of each case and state before the first look.
	LeastReplications = 4
	maxSizeReplicas   = 1000
	longestRejoin     = 24 * time.Hour
)

// SetDefaults makes it 1 to 40 servers of which none may fail, at 95 % confidence.
func (s *Sizing) SetDefaults() {
	*s = Sizing{Count: Count{1, 40}, Rejoin: 10 * time.Minute, Confidence: 0.95, Indifference: 0.02, Replications: 40}
}

// Validate checks the section's own fields.
func (s *Sizing) Validate() []flow.Problem {
	var c flow.Checks
	if len(s.Candidates) == 0 {
		c.Add("candidates", "there is nothing to choose from", "write candidates: [{name: small, cores: 4, price: 4200}]")
	}
	if len(s.Candidates) > maxCandidates {
		c.Add("candidates", fmt.Sprintf("%d candidates are more than %d", len(s.Candidates), maxCandidates), "")
	}
	if len(s.Objectives) == 0 {
		c.Add("objectives", "nothing is asked of the servers", "write objectives: [{metric: response_time.p95, below: 250ms}]")
	}
	if s.Survive.Hosts > 0 && s.Survive.Servers > 0 {
		c.Add("survive", "either hosts or servers may be down", "leave one of them out")
	}
	c.Number("survive.hosts", s.Survive.Hosts, 0, 100)
	c.Number("survive.servers", s.Survive.Servers, 0, 100)
	c.Duration("rejoin", s.Rejoin, 0, longestRejoin)
	if n := len(s.Between); n != 0 && (n != 2 || s.Between[0] >= s.Between[1]) {
		c.Add("between", "a start and a later end are expected", "write between: [20m, 30m]")
	}
	if !(s.Confidence >= 0.5 && s.Confidence <= 0.9999) {
		c.Add("confidence", fmt.Sprintf("%s is not between 50%% and 99.99%%", strict.FormatShare(s.Confidence)), "")
	}
	if !(s.Indifference > 0 && s.Indifference <= 0.5) {
		c.Add("indifference", fmt.Sprintf("%s is not above 0%% and at most 50%%", strict.FormatShare(s.Indifference)), "no number of runs tells apart what is equal")
	}
	c.Number("replications", s.Replications, LeastReplications, maxSizeReplicas)
	return c
}

// Validate checks the candidate's own fields.
func (x *Candidate) Validate() []flow.Problem {
	var c flow.Checks
	switch {
	case x.Name == "":
		c.Add("name", "the candidate has no name", "")
	case len(x.Name) > maxName:
		c.Add("name", fmt.Sprintf("the name is longer than %d characters", maxName), "")
	}
	c.Number("cores", x.Cores, 0, 4096)
	c.Float("price", x.Price, 0, 1e12)
	return c
}

// Validate checks the objective's own fields.
func (o *Objective) Validate() []flow.Problem {
	e := o.expectation()
	return e.Validate()
}

func (o *Objective) expectation() *Expectation {
	return &Expectation{Metric: o.Metric, Below: o.Below, Above: o.Above}
}

// Validate checks the growth's own fields.
func (g *Growth) Validate() []flow.Problem {
	var c flow.Checks
	c.Share("per_year", g.PerYear)
	c.Float("years", g.Years, 0, 20)
	return c
}

// A Count is a range of numbers of servers, written as in 2..40.
type Count struct{ Low, High int }

var countForm = regexp.MustCompile(`^([0-9]{1,6})(?:\.\.([0-9]{1,6}))?$`)

// ParseScalar implements strict.Scalar.
func (c *Count) ParseScalar(text string) error {
	m := countForm.FindStringSubmatch(text)
	if m == nil {
		return strict.Mistake{Text: strconv.Quote(text) + " is not a range of numbers", Hint: "write 2..40"}
	}
	if m[2] == "" {
		m[2] = m[1]
	}
	c.Low, _ = strconv.Atoi(m[1]) // six digits at most
	c.High, _ = strconv.Atoi(m[2])
	switch {
	case c.Low < 1 || c.High > maxCounted:
		return strict.Mistake{Text: fmt.Sprintf("%s is not within 1..%d", text, maxCounted)}
	case c.High < c.Low:
		return strict.Mistake{Text: text + " ends before it begins", Hint: fmt.Sprintf("write %d..%d", c.High, c.Low)}
	}
	return nil
}

// FormatScalar implements strict.Scalar.
func (c *Count) FormatScalar() string { return fmt.Sprintf("%d..%d", c.Low, c.High) }

// ScalarPattern implements strict.Patterned.
func (c *Count) ScalarPattern() string { return `^[0-9]{1,6}(\.\.[0-9]{1,6})?$` }

// CountOf is the range of a candidate.
func (s *Sizing) CountOf(candidate int) Count {
	if own := s.Candidates[candidate].Count; own != nil {
		return *own
	}
	return s.Count
}
