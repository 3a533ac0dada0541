package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lbsim/models"
	"lbsim/scenarios/strict"
)

// partKind is a kind of what a run consists of, with metrics of its own. The path of
// one begins with the kind and the name, as in summary.json:
// classes.MAIL.colocated_time.
type partKind struct {
	kind, noun string
	names      func(c *models.Config) []string
	metrics    []metric
}

var partKinds = []partKind{
	{"services", "service", func(c *models.Config) []string {
		return namesOf(len(c.Balancer.Services), func(i int) string { return c.Balancer.Services[i].Name })
	}, []metric{{"availability", share}, {"downtime", duration}, {"members_up.mean", plain}, {"members_up.min", plain}}},
	{"vms", "virtual machine", func(c *models.Config) []string {
		if c.Cluster == nil {
			return nil
		}
		return namesOf(len(c.Cluster.VMs), func(i int) string { return c.Cluster.VMs[i].Name })
	}, []metric{
		{"availability", share}, {"downtime", duration}, {"outages", plain}, {"restarts", plain}, {"failovers", plain},
		{"migrations", plain}, {"stun_time", duration}, {"cpu_ready", share},
	}},
	{"classes", "class", classNames, []metric{
		{"availability", share}, {"downtime", duration}, {"members_up.mean", plain}, {"members_up.min", plain},
		{"members_up.at_least.N", share}, {"colocated_time", duration}, {"colocated_share", share}, {"failovers", plain},
	}},
	{"databases", "database", func(c *models.Config) []string {
		if c.DAG == nil {
			return nil
		}
		return namesOf(len(c.DAG.Databases), func(i int) string { return c.DAG.Databases[i].Name })
	}, []metric{
		{"availability", share}, {"downtime", duration}, {"thin_time", duration}, {"failovers", plain}, {"false_failovers", plain},
		{"switchovers", plain}, {"returns", plain}, {"lost_logs", plain},
	}},
}

// placedMetrics are the metrics of all virtual machines and databases together.
var placedMetrics = []metric{
	{"availability", share}, {"downtime", duration}, {"members_up.mean", plain}, {"members_up.min", plain},
	{"hosts_up.mean", plain}, {"host_failures", plain}, {"outages", plain}, {"restarts", plain}, {"failovers", plain},
	{"migrations", plain}, {"stun_time", duration}, {"evicted", plain}, {"starts_refused", plain}, {"quarantines", plain},
	{"cpu_ready", share}, {"colocated_time", duration}, {"colocated_share", share},
	{"databases.availability", share}, {"databases.downtime", duration}, {"databases.mounted.mean", plain},
	{"databases.thin_time", duration}, {"databases.failovers", plain}, {"databases.false_failovers", plain},
	{"databases.switchovers", plain}, {"databases.returns", plain}, {"databases.lost_logs", plain}, {"databases.rejected", plain},
	{"quorum.availability", share}, {"quorum.downtime", duration}, {"quorum.losses", plain}, {"quorum.evictions", plain},
}

// classNames are the class names of virtual machines, those that the timeline gives
// as well.
func classNames(c *models.Config) (names []string) {
	if c.Cluster == nil {
		return nil
	}
	for i := range c.Cluster.VMs {
		names = append(names, c.Cluster.VMs[i].Classes...)
	}
	for i := range c.Timeline {
		if e := c.Timeline[i].Classes; e != nil {
			names = append(names, e.Add, e.Overwrite)
		}
	}
	return names
}

func namesOf(n int, name func(i int) string) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = name(i)
	}
	return names
}

// PartMetricNames lists the paths of the metrics of parts, with NAME for the part.
func PartMetricNames() (paths []string) {
	for _, k := range partKinds {
		for _, m := range k.metrics {
			paths = append(paths, k.kind+".NAME."+m.name)
		}
	}
	return paths
}

// ofPart returns the metric of a part that a path leads to, with the kind of part,
// as its place in partKinds, and its name.
func ofPart(path string) (kind int, name string, m metric, ok bool) {
	word, rest, _ := strings.Cut(path, ".")
	kind = slices.IndexFunc(partKinds, func(k partKind) bool { return k.kind == word })
	if kind < 0 {
		return 0, "", m, false
	}
	for _, m := range partKinds[kind].metrics {
		whole := rest
		if head, numbered := strings.CutSuffix(m.name, "N"); numbered {
			i := strings.LastIndexByte(rest, '.')
			if n, err := strconv.Atoi(rest[i+1:]); err != nil || n < 1 || rest[i+1] == '+' {
				continue
			}
			whole, m.name = rest[:i+1], head
		}
		if name, found := strings.CutSuffix(whole, "."+m.name); found && name != "" {
			return kind, name, m, true
		}
	}
	return 0, "", m, false
}

// checkParts checks that what the paths of metrics name exists in some variant.
func (l *loader) checkParts(doc *strict.Document, f *File) {
	known := make([]map[string]bool, len(partKinds)) // once they are needed
	check := func(at, path string) {
		kind, name, _, ok := ofPart(path)
		if !ok {
			return
		}
		p := partKinds[kind]
		if known[kind] == nil {
			known[kind] = map[string]bool{}
			for i := range f.Variants {
				for _, n := range p.names(&f.Variants[i].Config) {
					known[kind][n] = true
				}
			}
			delete(known[kind], "")
		}
		if known[kind][name] {
			return
		}
		names := slices.Sorted(maps.Keys(known[kind]))
		hint := fmt.Sprintf("there is no %s", p.noun)
		switch near := l.nearest(name, names); {
		case near != "":
			hint = "did you mean " + p.kind + "." + near + "?"
		case len(names) > 0:
			hint = "there is " + quoteAll(names[:min(len(names), 5)])
		}
		l.bad(doc, at, fmt.Sprintf("%s %q does not exist", p.noun, name), hint)
	}
	for i := range f.Scenario.Expect {
		check(fmt.Sprintf("expect[%d].metric", i), f.Scenario.Expect[i].Metric)
	}
	for i, name := range f.Scenario.Tables {
		check(fmt.Sprintf("tables[%d]", i), name)
	}
}
