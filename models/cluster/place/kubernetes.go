package place

import (
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
)

// Kubernetes is the default scheduler of Kubernetes, with a pod for each machine
// and a label for each of its classes. Possible hosts are a required node
// affinity; preferred ones a preferred node affinity, of which the first has the
// highest weight. A pod requests its memory and its reserved processor time.
//
// Nodes are filtered, then each plugin gives each of them 0 to 100 points, which
// are added up with the plugins' weights. Pods without a node are pending until
// something changes. A pod that fails is restarted on its node; those of a node
// that is lost are replaced after a while, and nothing is moved when it returns.
// Pods do not migrate: those of a node that is drained end, and others start
// elsewhere.
//
// What is said here of required anti-affinity, of do-not-schedule and of ties is
// that of interpodaffinity/filtering.go, of the reference of
// TopologySpreadConstraint and of selectHost in schedule_one.go.
//
// Left out: preemption, the default constraints of spreading, and that large
// clusters score a part of their nodes only.
type Kubernetes struct {
	AntiAffinity KubernetesApart   `yaml:"anti_affinity" doc:"what classes mean: podAntiAffinity"`
	Spread       KubernetesSpread  `yaml:"topology_spread" doc:"machines of a class are spread over zones: topologySpreadConstraints"`
	Weights      KubernetesWeights `yaml:"weights" doc:"the plugins' weights"`
	Ties         string            `yaml:"ties" doc:"among the best nodes: random, as the scheduler does, or first"`

	Grace      time.Duration `yaml:"grace_period" doc:"time after which a node that says nothing is unhealthy: 50s, 40s in older releases"`
	Toleration time.Duration `yaml:"toleration" doc:"time after that in which its pods are not replaced; recalled, not verified"`
}

// KubernetesApart is podAntiAffinity, of each pod against those that have one of
// its labels.
type KubernetesApart struct {
	Rule     string `yaml:"rule" doc:"none, preferred (a score) or required (a filter, which also holds for newcomers beside a pod that has it)"`
	Topology string `yaml:"topology_key" doc:"what two pods do not share: host, rack, site or datastore"`
	Weight   int    `yaml:"weight" doc:"preferred: points, 1 to 100, that a node loses for a pod, and again for the pod's own preference"`
}

// KubernetesSpread is a topologySpreadConstraint for each of a pod's labels.
type KubernetesSpread struct {
	When       string `yaml:"when_unsatisfiable" doc:"none, do-not-schedule (a filter) or schedule-anyway (a score)"`
	Topology   string `yaml:"topology_key" doc:"the zones: host, rack, site or datastore"`
	MaxSkew    int    `yaml:"max_skew" doc:"how many more pods than the emptiest zone a zone may have"`
	MinDomains int    `yaml:"min_domains" doc:"do-not-schedule: with fewer zones than this, the emptiest counts as having no pod"`
	Taints     string `yaml:"node_taints" doc:"ignore or honor: whether the zones of nodes that are down or cordoned count; with ignore, an empty dead node makes others refuse"`
}

// KubernetesWeights are the weights of the plugins that score; those left out
// give the same points to each node here.
type KubernetesWeights struct {
	NodeAffinity int `yaml:"node_affinity" doc:"preferred hosts"`
	Spread       int `yaml:"topology_spread" doc:"topology_spread with schedule-anyway"`
	PodAffinity  int `yaml:"pod_affinity" doc:"anti_affinity with preferred"`
	Resources    int `yaml:"resources" doc:"memory and processor time that is not requested"`
	Balance      int `yaml:"balance" doc:"that as much of the memory as of the processor time is requested"`
}

// newKubernetes has the weights of apis/config/v1/default_plugins.go.
func newKubernetes() *Kubernetes {
	return &Kubernetes{
		AntiAffinity: KubernetesApart{Rule: "preferred", Topology: "host", Weight: 100},
		Spread:       KubernetesSpread{When: "none", Topology: "host", MaxSkew: 1, MinDomains: 1, Taints: "ignore"},
		Weights:      KubernetesWeights{NodeAffinity: 2, Spread: 2, PodAffinity: 2, Resources: 1, Balance: 1},
		Ties:         "random", Grace: 50 * time.Second, Toleration: 300 * time.Second,
	}
}

// Validate implements flow.Validator.
func (p *Kubernetes) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("ties", p.Ties, "random", "first")
	c.Duration("grace_period", p.Grace, 0, 24*time.Hour)
	c.Duration("toleration", p.Toleration, 0, 30*24*time.Hour)
	return c
}

// Validate implements flow.Validator.
func (p *KubernetesApart) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("rule", p.Rule, "none", "preferred", "required")
	c.Word("topology_key", p.Topology, topologies...)
	c.Number("weight", p.Weight, 1, 100)
	return c
}

// Validate implements flow.Validator.
func (p *KubernetesSpread) Validate() []flow.Problem {
	var c flow.Checks
	c.Word("when_unsatisfiable", p.When, "none", "do-not-schedule", "schedule-anyway")
	c.Word("topology_key", p.Topology, topologies...)
	c.Number("max_skew", p.MaxSkew, 1, 1e6)
	c.Number("min_domains", p.MinDomains, 1, 1e6)
	c.Word("node_taints", p.Taints, "ignore", "honor")
	return c
}

// Validate implements flow.Validator.
func (p *KubernetesWeights) Validate() []flow.Problem {
	var c flow.Checks
	c.Number("node_affinity", p.NodeAffinity, 0, 100)
	c.Number("topology_spread", p.Spread, 0, 100)
	c.Number("pod_affinity", p.PodAffinity, 0, 100)
	c.Number("resources", p.Resources, 0, 100)
	c.Number("balance", p.Balance, 0, 100)
	return c
}

// Timing implements cluster.Policy. A node that is isolated says nothing, as one
// that is dead, but its pods go on beside those that replace them; here they end
// when these begin.
func (p *Kubernetes) Timing() cluster.Timing {
	lost := p.Grace + p.Toleration
	return cluster.Timing{Detect: lost, Isolated: lost, Leave: cluster.Cold}
}
