package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lbsim/models"
	"lbsim/models/cluster/place"
	"lbsim/models/dag"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/models/nlb"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/results"
	"lbsim/results/plot"
	"lbsim/scenarios"
)

// listed is one list that lbsim list can print: names with a line each.
type listed struct {
	name  string
	title string
	rows  func() [][2]string
}

func rowsOf[P any](t flow.Table[P]) func() [][2]string {
	return func() (rows [][2]string) {
		for _, k := range t {
			rows = append(rows, [2]string{k.Name, k.Doc})
		}
		return rows
	}
}

func lists() []listed {
	return []listed{
		{"scenarios", "built-in scenarios", scenarioRows},
		{"products", "balancer: {product: ...}", rowsOf(scenarios.Products)},
		{"modes", "mode: ...", rowsOf(lb.Modes)},
		{"schedulers", "scheduler: {kind: ...}", rowsOf(sched.Table)},
		{"persistence", "persistence: {kind: ...}", rowsOf(persist.Table)},
		{"ramps", "slow_start: {kind: ...}", rowsOf(ramp.Table)},
		{"health", "health: {kind: ...}", rowsOf(lb.HealthKinds)},
		{"paces", "health: {pace: ...}", rowsOf(lb.Paces)},
		{"timeouts", "health: {timeout_from: ...}", rowsOf(lb.TimeoutsFrom)},
		{"starts", "health: {start: ...}", rowsOf(lb.Starts)},
		{"full", "full: ...", rowsOf(lb.Overflows)},
		{"on_down", "on_down: ...", rowsOf(lb.Fates)},
		{"on_up", "on_up: ...", rowsOf(lb.Comebacks)},
		{"on_remove", "on_remove: ...", rowsOf(lb.Removals)},
		{"drains", "drain: {time: ..., then: ...}", rowsOf(lb.DrainEnds)},
		{"spreads", "spread: ...", rowsOf(lb.Spreads)},
		{"sources", "balancer: {source: ...}", rowsOf(lb.SourceKinds)},
		{"sync", "balancer: {pair: {sync: [...]}}", rowsOf(lb.Synceds)},
		{"filtering", "nlb: {rules: {NAME: {mode: ...}}}", rowsOf(nlb.Filterings)},
		{"affinity", "nlb: {rules: {NAME: {affinity: ...}}}", rowsOf(nlb.Affinities)},
		{"existing", "nlb: {existing: ...}", rowsOf(nlb.Existings)},
		{"failures", "timeline: [{fail: ..., how: ...}]", rowsOf(models.Failures)},
		{"platforms", "cluster: {platform: {kind: ...}}", rowsOf(place.Table)},
		{"migrations", "timeline: [{migrate: ..., migration: ...}]", rowsOf(models.Movings)},
		{"mailboxes", "traffic: [{mailboxes: ...}]", rowsOf(traffic.DismountedWays)},
		{"dials", "dag: {members: [{name: ..., dial: ...}]}", rowsOf(dag.Dials)},
		{"quorum", "dag: {quorum: ...}", rowsOf(dag.QuorumModes)},
		{"witness", "dag: {witness_vote: ...}", rowsOf(dag.WitnessVotes)},
		{"disciplines", "servers: [{discipline: ...}]", rowsOf(server.Disciplines)},
		{"arrivals", "arrivals: {kind: ...}", rowsOf(traffic.ArrivalsTable)},
		{"shapes", "arrivals: {kind: profile, shape: ...}", rowsOf(traffic.ProfileShapes)},
		{"distributions", "demand, lifetime, think: {kind: ...}", rowsOf(dist.Table)},
		{"backoff", "backoff: {kind: ...}", rowsOf(traffic.BackoffTable)},
		{"jitter", "backoff: {kind: ..., jitter: ...}", rowsOf(traffic.Jitters)},
		{"scopes", "retry: {budget: {scope: ...}, breaker: {scope: ...}}", rowsOf(traffic.Scopes)},
		{"stacks", "network: {client: {stack: ...}, server: {stack: ...}}", rowsOf(tcp.StackNames)},
		{"nagle", "network: {client: {nagle: ...}}", rowsOf(tcp.Nagles)},
		{"timers", "network: {client: {timer: ...}}", rowsOf(tcp.Timers)},
		{"counts", "network: {client: {count: ...}}", rowsOf(tcp.Counts)},
		{"growths", "network: {client: {growth: ...}}", rowsOf(tcp.Growths)},
		{"tls", "network: {tls: ...}", rowsOf(tcp.TLSKinds)},
		{"authentication", "network: {authentication: ...}", rowsOf(tcp.Authentications)},
		{"introspection", "network: {introspection: {kind: ...}}", rowsOf(tcp.IntrospectionKinds)},
		{"introspected", "network: {introspection: {on: ...}}", rowsOf(tcp.IntrospectedSides)},
		{"sizes", "nat: {sizes: {kind: ...}}", rowsOf(snat.SizesTable)},
		{"allocations", "nat: {allocation: {kind: ...}}", rowsOf(snat.AllocationTable)},
		{"plots", "plots: [...]", plotRows},
		{"metrics", "expect: [{metric: ...}]", metricRows},
	}
}

func scenarioRows() (rows [][2]string) {
	for _, name := range scenarios.LibraryNames() {
		src, _ := scenarios.FromLibrary(name)
		about := ""
		if f, err := scenarios.Load(src, nil); err == nil {
			about = f.Scenario.About
		}
		rows = append(rows, [2]string{name, about})
	}
	return rows
}

func plotRows() (rows [][2]string) {
	for _, f := range plot.Table {
		rows = append(rows, [2]string{f.Name, f.Doc})
	}
	return rows
}

// metricRows lists the metrics, those of the run and the paths of those of its parts.
// What is said of several is said once.
func metricRows() (rows [][2]string) {
	said := map[string]bool{}
	for _, m := range slices.Concat(scenarios.MetricNames(), scenarios.PartMetricNames()) {
		row := [2]string{m}
		if meaning := results.TermOf(m).Meaning; !said[meaning] {
			said[meaning], row[1] = true, meaning
		}
		rows = append(rows, row)
	}
	return rows
}

func (c *cli) listCommand() *cobra.Command {
	var names []string
	for _, l := range lists() {
		names = append(names, l.name)
	}
	return &cobra.Command{
		Use:   "list [LIST]",
		Short: "list built-in scenarios, policies, figures and metrics",
		Long: "List prints what can be named in a scenario, with a line on each: everything, or\none list. There are\n\n" +
			columns(names),
		Example: `  lbsim list
  lbsim list schedulers`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return c.listOne(args[0], names)
			}
			for i, l := range lists() {
				if i > 0 {
					fmt.Fprintln(c.stdout)
				}
				fmt.Fprintf(c.stdout, "%s  (%s)\n", l.name, l.title)
				if err := printRows(c.stdout, l.rows()); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (c *cli) listOne(name string, names []string) error {
	for _, l := range lists() {
		if l.name == name {
			return printRows(c.stdout, l.rows())
		}
	}
	hint := "lists are " + strings.Join(names, " ")
	if near := flow.Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usageError{fmt.Errorf("there is no list %q: %s", name, hint)}
}

// columns sets names in three columns, downwards.
func columns(names []string) string {
	var b strings.Builder
	for i, rows := 0, (len(names)+2)/3; i < rows; i++ {
		line := ""
		for k := i; k < len(names); k += rows {
			line += fmt.Sprintf("  %-15s", names[k])
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func printRows(w io.Writer, rows [][2]string) error {
	wide := 0
	for _, r := range rows {
		wide = max(wide, len(r[0]))
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.TrimRight(fmt.Sprintf("  %-*s  %s", wide, r[0], r[1]), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
