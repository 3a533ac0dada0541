package strict

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"lbsim/models/flow"
)

// The tests decode a small scenario that uses every rule of the package.

type scenario struct {
	Name     string         `yaml:"name" doc:"What the scenario is called."`
	About    string         `yaml:"about,omitempty"`
	Seed     uint64         `yaml:"seed"`
	Duration time.Duration  `yaml:"duration"`
	Rounds   rounds         `yaml:"rounds"`
	Count    span2          `yaml:"count"`
	Mode     mode           `yaml:"mode,omitempty"`
	Quiet    bool           `yaml:"quiet"`
	Ratio    float64        `yaml:"ratio"`
	Level    int8           `yaml:"level"`
	Port     uint16         `yaml:"port"`
	Weights  []int          `yaml:"weights,omitempty"`
	Sites    []site         `yaml:"sites"`
	Balancer *balancer      `yaml:"balancer"`
	Servers  []server       `yaml:"servers"`
	Labels   map[string]tag `yaml:"labels,omitempty"`
	Backoff  []policy       `yaml:"backoff,omitempty"`
	Variants []variant      `yaml:"variants,omitempty"`
	Limits   `yaml:",inline"`
	//lint:ignore U1000 what is not exported is not read
	hidden  int
	Ignored int
}

type Limits struct {
	Memory flow.Size  `yaml:"memory"`
	Most   flow.Share `yaml:"most"`
}

type site struct {
	Name    string    `yaml:"name"`
	Clients int       `yaml:"clients"`
	Rate    flow.Rate `yaml:"rate"`
}

type balancer struct {
	Product  string    `yaml:"product"`
	Services []service `yaml:"services"`
}

type service struct {
	Name      string   `yaml:"name"`
	Scheduler policy   `yaml:"scheduler"`
	SlowStart policy   `yaml:"slow_start"`
	Servers   []member `yaml:"servers"`
}

func (s *service) SetDefaults() { s.Scheduler, s.SlowStart = &roundRobin{}, &none{} }

type member struct {
	Name   string `yaml:"name"`
	Weight int    `yaml:"weight"`
}

func (m *member) SetDefaults() { m.Weight = 1 }

func (m *member) FromScalar(text string) error {
	if strings.Contains(text, " ") {
		return Mistake{"a server name has no spaces", "remove them"}
	}
	m.Name = text
	return nil
}

type server struct {
	Name  string `yaml:"name"`
	Names string `yaml:"names,omitempty"`
	Cores int    `yaml:"cores"`
}

func (s *server) Validate() []flow.Problem {
	if s.Cores < 1 {
		return []flow.Problem{{Path: "cores", Text: "a server needs at least one core", Hint: "write 1 or more"}}
	}
	return nil
}

type tag struct {
	Color string `yaml:"color"`
	Inner *tag   `yaml:"inner,omitempty"`
}

type variant struct {
	Name string `yaml:"name"`
	Set  Node   `yaml:"set,omitempty"`
}

// rounds is one number, or the words of a longer form.
type rounds struct {
	Max  int `yaml:"max"`
	Step int `yaml:"step"`
}

func (r *rounds) FromScalar(text string) (err error) {
	r.Max, err = strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%q is not a number of rounds", text)
	}
	return nil
}

func (rounds) ScalarPattern() string { return "^[0-9]+$" }

// span2 is a range such as 2..40.
type span2 struct{ low, high int }

func (s *span2) ParseScalar(text string) error {
	low, high, found := strings.Cut(text, "..")
	var errLow, errHigh error
	s.low, errLow = strconv.Atoi(low)
	s.high, errHigh = strconv.Atoi(high)
	if !found || errLow != nil || errHigh != nil {
		return Mistake{strconv.Quote(text) + " is not a range", "write 2..40"}
	}
	return nil
}

func (s *span2) FormatScalar() string { return fmt.Sprintf("%d..%d", s.low, s.high) }

func (s *span2) ScalarPattern() string { return `^[0-9]+\.\.[0-9]+$` }

// mode is one of a few words.
type mode int

var modeTable = flow.Table[mode]{
	{Name: "open", New: func() mode { return 1 }},
	{Name: "closed", New: func() mode { return 2 }},
}

type policy interface{ Policy() }

type none struct{}
type roundRobin struct{}
type choices struct {
	Choices int `yaml:"choices"`
}
type linear struct {
	Time time.Duration `yaml:"time"`
	Then policy        `yaml:"then,omitempty"`
}
type constant struct {
	Value time.Duration `yaml:"value"`
}

func (none) Policy()       {}
func (roundRobin) Policy() {}
func (*choices) Policy()   {}
func (*linear) Policy()    {}
func (*constant) Policy()  {}

var policyTable = flow.Table[policy]{
	{Name: "none", New: func() policy { return &none{} }},
	{Name: "round-robin", Doc: "One after the other.", New: func() policy { return &roundRobin{} }},
	{Name: "least-connections", Doc: "The server with the fewest.", New: func() policy { return &choices{Choices: 2} }},
	{Name: "linear", Doc: "A straight ramp.", New: func() policy { return &linear{Time: 10 * time.Second} }},
	{Name: "constant", Doc: "Always the same.", New: func() policy { return &constant{} }},
}

var policies = NewPolicies(PolicyOf(modeTable, PolicyOptions{}), PolicyOf(policyTable, PolicyOptions{
	Default: "linear",
	Hints:   map[string]string{"leastconn": "HAProxy calls it leastconn; here it is least-connections"},
	Scalar: func(text string) (any, bool, error) {
		if text == "" || text[0] < '0' || text[0] > '9' {
			return nil, false, nil
		}
		d, err := ParseDuration(text)
		return &constant{Value: d}, true, err
	},
	Pattern: DurationPattern,
}))

// read parses and decodes into a scenario with defaults.
func read(text string) (*Document, scenario, Diagnostics) {
	s := scenario{Seed: 1, Ratio: 0.5, Count: span2{1, 2}, Balancer: &balancer{Product: "haproxy"}}
	doc, found := Parse("mine.yaml", []byte(text))
	if found == nil {
		found = doc.Decode(&s, policies)
	}
	return doc, s, found
}
