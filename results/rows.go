package results

import (
	"math"
	"slices"
	"strings"
)

// A Row is one metric side by side over the variants.
type Row struct {
	Metric  string
	Service string // "" for a metric of the whole run
	Term    Term
	Cells   []Estimate // by variant; Mean is NaN where it has none
	// Missing says why a variant has no value, "" where there is nothing to say.
	Missing []string
	// Against holds each variant's difference from the first, nil where it was
	// not compared.
	Against []*Comparison
}

// Label names the row, with its service where runs have several.
func (w *Row) Label() string {
	if w.Service == "" {
		return w.Term.Label
	}
	return w.Service + ": " + w.Term.Label
}

// Value writes a variant's value with its interval, or why there is none.
func (w *Row) Value(variant int) string {
	if words := w.Missing[variant]; words != "" {
		return words
	}
	return w.Term.Display.HumanInterval(w.Cells[variant])
}

// Names of the metrics that answer each question, in reading order; moved stands
// for all reasons of moves.
var (
	stormMetrics = []string{
		"storm.peak_factor", "storm.rebalance_time", "storm.share_first", "storm.connections",
		"storm.response_time.before.p99", "storm.response_time.during.p99", "storm.response_time.after.p99",
	}
	imbalanceMetrics = []string{
		"imbalance.max_over_mean", "imbalance.connections.max_over_mean", "imbalance.work.max_over_mean",
		"imbalance.connections.cov", "imbalance.connections.jain", "imbalance.connections.gini",
	}
	// What a measure for the above may cost.
	costMetrics = []string{
		"response_time.mean", "response_time.p99", "network_time.mean", "stalls", "utilization.max", "rejected_share", "timed_out_share", "reset_share",
		"broken_sessions_share", "moved_clients", "moved", "stuck_to_down", "detection.time", "drain.time", "snat.exhausted",
		"per_source.refused", "per_source.clients", "memory.refused", "balancer_utilization", "sorry",
	}
	placedMetrics = []string{
		"availability", "downtime", "members_up.mean", "members_up.min", "hosts_up.mean", "host_failures", "failovers", "restarts", "migrations",
		"outages", "evicted", "starts_refused", "quarantines", "colocated_time", "cpu_ready",
		"databases.availability", "databases.downtime", "databases.thin_time", "databases.failovers", "databases.false_failovers",
		"databases.switchovers", "databases.returns", "databases.lost_logs", "databases.rejected", "quorum.downtime", "quorum.losses", "quorum.evictions",
	}
	mainMetrics = []string{
		"response_time.mean", "response_time.p50", "response_time.p99", "wait_time.mean", "network_time.mean",
		"utilization", "utilization.max", "connections.mean", "connections.max", "new_connections.per_s_max",
		"rejected_share", "timed_out_share", "reset_share", "broken_sessions_share", "moved_clients", "moved", "stuck_to_down", "detection.time", "drain.time",
		"snat.ports_max", "snat.exhausted", "per_source.refused", "per_source.clients", "memory.max", "memory.refused", "balancer_utilization", "sorry", "availability", "downtime", "stalls",
	}
)

// KeyRows are the metrics that a reader of this result wants first: about
// virtual machines and databases if there are some, about storms if servers came
// back, about imbalance if several servers shared the load, each with what it cost,
// and else how it went in general.
func (r *Result) KeyRows() []Row {
	if r.placed() {
		return slices.Concat(r.rowsOf(placedMetrics), r.rowsOf(stormMetrics[:2]), r.rowsOf(costMetrics))
	}
	if storms := r.rowsOf(stormMetrics); len(storms) > 0 {
		return append(storms, r.rowsOf(costMetrics)...)
	}
	if imbalance := r.rowsOf(imbalanceMetrics); len(imbalance) > 0 && r.mostServers() > 1 {
		return append(imbalance, r.rowsOf(costMetrics)...)
	}
	return r.rowsOf(mainMetrics)
}

// HeadlineRows are the few rows that a sentence about a variant mentions.
func (r *Result) HeadlineRows() []Row {
	if r.placed() {
		return r.rowsOf([]string{"availability", "members_up.mean", "colocated_time", "databases.downtime", "response_time.p99", "rejected_share", "timed_out_share"})
	}
	if rows := r.rowsOf([]string{"storm.peak_factor", "storm.rebalance_time", "storm.response_time.during.p99"}); len(rows) > 0 {
		return append(rows, r.rowsOf([]string{"rejected_share", "timed_out_share"})...)
	}
	names := []string{"response_time.mean", "response_time.p99", "rejected_share", "timed_out_share"}
	if r.mostServers() > 1 {
		names = append(slices.Clone(imbalanceMetrics[:2]), names[1:]...)
	}
	return r.rowsOf(names)
}

// AllRows are all metrics of the runs and of their services, in the order of
// the variants' lists. The only service of a run does not repeat the run's.
func (r *Result) AllRows() []Row {
	var rows []Row
	index := map[string]int{}
	add := func(variant int, service string, metrics Metrics) {
		for _, m := range metrics {
			key := service + "\x00" + m.Name
			k, ok := index[key]
			if !ok {
				k = len(rows)
				index[key] = k
				rows = append(rows, r.newRow(m.Name, service))
			}
			rows[k].Cells[variant] = m.Estimate
		}
	}
	for i, v := range r.Variants {
		add(i, "", v.Metrics)
	}
	for i, v := range r.Variants {
		for _, s := range v.Services {
			own := s.Metrics
			if len(v.Services) == 1 { // most are those of the run
				own = slices.DeleteFunc(slices.Clone(own), func(m Metric) bool {
					_, twice := v.Metrics.Get(m.Name)
					return twice
				})
			}
			add(i, s.Name, own)
		}
	}
	return rows
}

// placed reports whether there are virtual machines or databases.
func (r *Result) placed() bool {
	return slices.ContainsFunc(r.Variants, func(v Variant) bool { return len(v.VMs)+len(v.Databases) > 0 })
}

func (r *Result) newRow(metric, service string) Row {
	row := Row{
		Metric: metric, Service: service, Term: TermOf(metric),
		Cells: make([]Estimate, len(r.Variants)), Against: make([]*Comparison, len(r.Variants)),
		Missing: make([]string, len(r.Variants)),
	}
	for i := range row.Cells {
		row.Cells[i].Mean = math.NaN()
	}
	if service == "" {
		for i, v := range r.Variants {
			row.Against[i] = r.compared(metric, v.Against, v.Name)
			row.Missing[i] = v.Missing(metric)
		}
	}
	return row
}

// compared finds a comparison. A sweep has so many that they are indexed.
func (r *Result) compared(metric, base, other string) *Comparison {
	if base == "" {
		return nil
	}
	if len(r.pairs) != len(r.Comparisons) {
		r.pairs = make(map[[3]string]*Comparison, len(r.Comparisons))
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			r.pairs[[3]string{c.Metric, c.Base, c.Other}] = c
		}
	}
	return r.pairs[[3]string{metric, base, other}]
}

// rowsOf returns the rows of these metrics that say something: some value is
// known, and not all are zero. That nothing was rejected does say something, or that
// machines of a class were never on one host, and so does all that is or is not
// known of a storm.
func (r *Result) rowsOf(names []string) []Row {
	if i := slices.Index(names, "moved"); i >= 0 {
		names = slices.Replace(slices.Clone(names), i, i+1, movedMetrics()...)
	}
	var rows []Row
	for _, name := range names {
		row := r.newRow(name, "")
		known, nonzero := false, strings.HasPrefix(name, "rejected") || name == "colocated_time"
		for i, v := range r.Variants {
			if m, ok := v.Metrics.Get(name); ok {
				if strings.HasPrefix(name, "storm.") {
					known, nonzero = true, true
				}
				row.Cells[i] = m.Estimate
				known = known || m.Known()
				nonzero = nonzero || m.Known() && m.Mean != 0
			}
		}
		if known && nonzero {
			rows = append(rows, row)
		}
	}
	return rows
}

func (r *Result) mostServers() int {
	most := 0
	for _, v := range r.Variants {
		for _, s := range v.Services {
			most = max(most, len(s.Servers))
		}
	}
	return most
}
