package theory

import (
	"slices"
	"testing"
)

// A family is a line of the README's table.
type family struct {
	title   string
	example string // a row
	models  []string
}

var families = []family{
	{"M/M/1: means, variances, percentiles, busy periods", "mm1-r0.8-W", []string{"M/M/1", "M/M/1 per server", "one server of speed 4"}},
	{"M/M/c: waiting, percentiles, many cores", "mmc-4-r0.9-Wq", []string{"M/M/c", "M/M/2", "four servers of speed 1, one queue", "M/M/c, c = a + b sqrt(a), a -> infinity"}},
	{"losses: Erlang B under three laws, M/M/c/K", "erlangB-10-5", []string{"M/G/c/c", "M/M/c/K"}},
	{"closed loops, Engset", "closed-50-4-10-R", []string{"M/M/c//N", "Engset"}},
	{"M/G/1: Pollaczek-Khinchine, eight laws", "mg1-h2c4-r0.7-Wq", []string{"M/G/1"}},
	{"processor sharing: any law", "mg1ps-ln2-r0.8-W", []string{"M/M/1-PS", "M/G/1-PS"}},
	{"round robin, random split, unequal speeds", "rr-10-r0.8-W", []string{"E_n/M/1 per server", "four servers of speed 1, random split", "3 parallel queues"}},
	{"shortest queue, idle queues, two servers", "jsq-2-r0.9-W", []string{"two parallel queues", "4 parallel queues", "n parallel queues", "JIQ, many dispatchers, n -> infinity"}},
	{"two and more choices, many servers", "pod-inf-d2-l0.9-W", []string{"supermarket model", "supermarket model, n -> infinity"}},
	{"retries: overload, time-outs, collapse", "retry-200-100-3-load", []string{"retries", "retries in overload", "retries after time-outs, M/M/1"}},
	{"connections: counts, sessions, ports", "sess-geom-10", []string{"M/G/inf connection count", "sticky sessions", "SNAT port limit", "carrier-grade NAT with fixed port blocks"}},
	{"a server rejoins under least connections", "rejoin-lc-4-1-600-10-t_fill", []string{"least-connection rejoin (fluid)"}},
	{"slow ramps, of five kinds", "ramp-step16-4-600-300-t_full", []string{"rejoin with slow ramp (fluid)"}},
	{"clients on servers at random", "bins-100-4-Emax", []string{"balls into bins, one choice", "balls into bins, two choices", "balls into bins, d choices"}},
	{"hashes of unequal groups behind SNAT", "snat-0-4-E_max_over_mean", []string{"weighted balls into bins"}},
	{"hash tables: modulo, ring, Maglev, bounded loads", "ring-10-100-max", []string{"hash mod n", "consistent hash ring", "Maglev table", "consistent hashing with bounded loads", "lookup table filled by Maglev / Karger / rendezvous"}},
	{"health checks: time to detection", "hc-5-2-3-mean", []string{"health check"}},
	{"availability on shared hosts, restarts", "avail-anti-2-500", []string{"k of n on shared hosts", "replicas on shared hosts", "restart elsewhere after a host failure"}},
	{"how many servers it takes", "size-50-0.05", []string{"M/M/c sizing", "node sizing"}},
	{"delayed acknowledgements and Nagle", "dack-tick-100-0.001-0.04", []string{"delayed ACK"}},
	{"statistics: intervals, quantiles, fairness, MSER-5", "cov-exp-10-0.95", []string{
		"Student t", "confidence interval", "CI coverage", "AR(1) mean", "MSER-5", "sample quantile", "HDR histogram", "DDSketch", "P-squared", "fairness index",
	}},
}

func familyOf(r Row) int {
	return slices.IndexFunc(families, func(f family) bool { return slices.Contains(f.models, r.Model) })
}

// Each row belongs to a family, and the example to its own.
func TestFamilies(t *testing.T) {
	rows := everyRow(t)
	for id, r := range rows {
		if familyOf(r) < 0 {
			t.Errorf("%s: no family has %q", id, r.Model)
		}
	}
	for i, f := range families {
		if r, ok := rows[f.example]; !ok || familyOf(r) != i {
			t.Errorf("%s: the example %s is not one of the family", f.title, f.example)
		}
	}
	if len(rows) != 1250 {
		t.Errorf("there are %d rows", len(rows))
	}
}
