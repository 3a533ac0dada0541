package place

import (
	"fmt"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Nova is the scheduler of OpenStack Compute, with a server group for each class
// of machines (Nova user guide, Server Groups). A machine of several classes is
// of all of these groups, which Nova does not have. Preferred hosts do not exist
// in it either and are ignored; possible ones are an availability zone.
//
// Hosts are filtered, then weighed: the value of each weigher goes from 0 to 1
// over the hosts that are left, times its multiplier, and the first of those with
// the greatest sum is taken (nova/weights.py, scheduler/weights/affinity.py). A
// soft rule may therefore lose against free memory. A request for which no host
// is left fails.
//
// Nova restarts no machine of a host that has died: these wait for their host,
// unless an operator or Masakari evacuates it.
type Nova struct {
	Policy     string `yaml:"policy" doc:"of server groups: anti-affinity (no two on a host, or the request fails), soft-anti-affinity, affinity (all on a host, or the request fails) or soft-affinity"`
	MaxPerHost int    `yaml:"max_server_per_host" doc:"anti-affinity: members of a group that a host may have, API 2.64 and later"`
	// CPURatio is cpu_allocation_ratio; that of the memory is 1, as View has it.
	CPURatio float64     `yaml:"cpu_allocation_ratio" doc:"virtual processors for each core; 16 by default, 4 in newer releases, both recalled, not verified"`
	Subset   int         `yaml:"host_subset_size" doc:"the host is drawn at random among so many of the best"`
	Shuffle  bool        `yaml:"shuffle_best_same_weighed_hosts" doc:"the best host is drawn at random where several are; if not, the first is taken"`
	Weights  NovaWeights `yaml:"weights" doc:"multipliers of the weighers; 1 by default, which is recalled, not verified"`

	Evacuate bool          `yaml:"evacuate" doc:"somebody, an operator or Masakari, rebuilds the machines of a dead host elsewhere; if not, they wait for their host, as Nova restarts none by itself, which is recalled, not verified"`
	Detect   time.Duration `yaml:"detect" doc:"time until that is begun; a choice, as it depends on the tool"`
	Retry    time.Duration `yaml:"retry" doc:"time after which a request that has failed is made again; 0s: never, and the machine waits for its host"`
}

// NovaWeights are the multipliers of the weighers.
type NovaWeights struct {
	RAM      float64 `yaml:"ram" doc:"free memory; less than 0: the fullest host first"`
	CPU      float64 `yaml:"cpu" doc:"free virtual processors"`
	Apart    float64 `yaml:"soft_anti_affinity" doc:"members of the group on the host, the fewer the better"`
	Together float64 `yaml:"soft_affinity" doc:"members of the group on the host, the more the better"`
}

func newNova() *Nova {
	return &Nova{
		Policy: "anti-affinity", MaxPerHost: 1, CPURatio: 16, Subset: 1,
		Weights: NovaWeights{RAM: 1, CPU: 1, Apart: 1, Together: 1}, Detect: time.Minute,
	}
}

// Validate implements flow.Validator.
func (p *Nova) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("policy", p.Policy, "anti-affinity", "soft-anti-affinity", "affinity", "soft-affinity")
	c.Number("max_server_per_host", p.MaxPerHost, 1, 1e6)
	c.Float("cpu_allocation_ratio", p.CPURatio, 0.01, 1000)
	c.Number("host_subset_size", p.Subset, 1, 1e6)
	c.Duration("detect", p.Detect, 0, 30*24*time.Hour)
	c.Duration("retry", p.Retry, 0, 30*24*time.Hour)
	if p.Retry > 0 && p.Retry < time.Second {
		c.Add("retry", fmt.Sprintf("%v is less than 1s", p.Retry), "0s is never")
	}
	return c
}

// Validate implements flow.Validator.
func (p *NovaWeights) Validate() []flow.Problem {
	var c flow.Checks
	c.Float("ram", p.RAM, -1e6, 1e6)
	c.Float("cpu", p.CPU, -1e6, 1e6)
	c.Float("soft_anti_affinity", p.Apart, 0, 1e6)
	c.Float("soft_affinity", p.Together, 0, 1e6)
	return c
}

// Timing implements cluster.Policy. An isolated host is switched off before it is
// evacuated, as its machines would run twice otherwise.
func (p *Nova) Timing() cluster.Timing {
	t := cluster.Timing{Detect: p.Detect}
	if p.Evacuate {
		t.Isolated = p.Detect
	}
	return t
}
