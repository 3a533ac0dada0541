package scenarios_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"lbsim/scenarios"
)

const nodesOnHosts = `
name: nodes
duration: 20m
warmup: 5m
sites: [{name: hq, clients: 6000, nat: {addresses: 4}}, {name: roaming, clients: 2000}]
traffic:
  - name: outlook
    from: [hq, roaming]
    to: mail
    connections: {per_client: 3, lifetime: 2h}
    requests: {rate: 0.69/s, demand: {kind: exponential, mean: 5ms}}
    peak: {factor: 1.6, at: 8m, for: 6m, ramp: 1m}
  - {name: api, from: [roaming], to: web, arrivals: {kind: poisson, rate: 100/s}, demand: 1ms}
balancer:
  services:
    - {name: mail, scheduler: least-connections, servers: ["node[1-4]"]}
    - {name: web, servers: [{name: "node[1-4]"}, front]}
servers:
  - {names: "node[1-4]", cores: 8, discipline: ps, vm: same}
  - {name: front, cores: 2}
cluster:
  platform: wsfc
  hosts: [{names: "hv[1-4]", cores: 48, memory: 512GB}]
  vms: [{names: "node[1-4]", cores: 8, memory: 64GB, classes: [MAIL]}]
  failures: {host: {mtbf: 4000h, mttr: 4h}}
timeline: [{at: 10m, fail: hv4}]
sizing:
  candidates: [{name: small, cores: 8, price: 4200}, {name: large, cores: 24, price: 9800, set: {"cluster.vms[0].memory": 128GB}}]
  count: 2..12
  survive: {hosts: 1}
  objectives: [{metric: utilization.max, below: 80%}, {metric: response_time.p95, below: 250ms}]
`

func loadText(t *testing.T, text string, settings ...scenarios.Setting) *scenarios.File {
	t.Helper()
	f, err := scenarios.Load(scenarios.Source{Name: "x.yaml", Text: []byte(text)}, settings)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A case has so many servers, at the services and as virtual machines, of the
// candidate's cores; and nothing that fails but what it says.
func TestCaseSettings(t *testing.T) {
	base := loadText(t, nodesOnHosts)
	c := scenarios.Case{Candidate: 1, Count: 10, Load: 1.5, Down: []string{"node2"}, Rejoin: true}
	f := loadText(t, nodesOnHosts, base.CaseSettings(&c)...)
	got := f.Variants[0].Config
	if n := len(got.Servers); n != 11 || got.Servers[9].Name != "node10" || got.Servers[9].Cores != 24 || got.Servers[10].Cores != 2 {
		t.Errorf("%d servers, the tenth is %+v", n, got.Servers[9])
	}
	if n := len(got.Cluster.VMs); n != 10 || got.Cluster.VMs[9].Cores != 24 || got.Cluster.VMs[9].Memory != 128e9 {
		t.Errorf("%d machines, the last is %+v", n, got.Cluster.VMs[n-1])
	}
	if a, b := len(got.Balancer.Services[0].Servers), len(got.Balancer.Services[1].Servers); a != 10 || b != 11 {
		t.Errorf("the services have %d and %d servers", a, b)
	}
	if got.Sites[0].Clients != 9000 || got.Sites[1].Clients != 3000 || got.Traffic[1].Arrivals.PerSecond() != 150 {
		t.Errorf("half as much again: %d and %d clients, %g/s", got.Sites[0].Clients, got.Sites[1].Clients, got.Traffic[1].Arrivals.PerSecond())
	}
	// The peak is at its height from 9m to 13m, of which 4m are no warm-up and left out; the
	// return is watched for ten minutes.
	if s := f.Scenario; s.Warmup.Time.Minutes() != 5 || s.Duration.Minutes() != 15 || got.Traffic[0].Peak.At.Minutes() != 4 {
		t.Errorf("measured from %v to %v, the peak is at %v", s.Warmup, s.Duration, got.Traffic[0].Peak.At)
	}
	if got.Cluster.Failures != nil || len(got.Timeline) != 2 || got.Timeline[0].Fail != "server:node2" || got.Timeline[1].At.Minutes() != 5 {
		t.Errorf("what fails: %+v %+v", got.Cluster.Failures, got.Timeline)
	}
	hosts, err := f.Hosts(base)
	if err != nil || len(hosts) != 4 {
		t.Fatal(hosts, err)
	}
	var counts []int
	for _, h := range hosts {
		counts = append(counts, len(h.Servers))
	}
	slices.Sort(counts)
	if !slices.Equal(counts, []int{2, 2, 3, 3}) {
		t.Errorf("ten nodes are on four hosts as %v", counts)
	}
}

// A rate that changes with the time of the run keeps its times.
func TestCaseOfAProfileBeginsAtTheStart(t *testing.T) {
	text := strings.Replace(nodesOnHosts, "{kind: poisson, rate: 100/s}", "{kind: profile, points: [{at: 0s, rate: 10/s}, {at: 20m, rate: 100/s}]}", 1)
	base := loadText(t, text)
	f := loadText(t, text, base.CaseSettings(&scenarios.Case{Candidate: 0, Count: 4, Load: 1})...)
	if s := f.Scenario; s.Warmup.Time.Minutes() != 9 || s.Duration.Minutes() != 13 || f.Variants[0].Config.Traffic[0].Peak.At.Minutes() != 8 {
		t.Errorf("measured from %v to %v", s.Warmup, s.Duration)
	}
}

// 8000 clients x 0.69/s x 1.6 x 5 ms are 44.2 cores at the peak, and half of the
// 100/s of 1 ms more is not the nodes': they are four of the five servers of web.
func TestForecast(t *testing.T) {
	base := loadText(t, nodesOnHosts)
	f := loadText(t, nodesOnHosts, base.CaseSettings(&scenarios.Case{Candidate: 0, Count: 4, Load: 1})...)
	x := f.Forecast(base, 0)
	if want := 8000*0.69*1.6*0.005 + 0.08; math.Abs(x.Demand-want) > 0.02 {
		t.Errorf("demand %.4g cores, want %.4g", x.Demand, want)
	}
	if y := f.Forecast(base, 1); y.Cores != 24 || math.Abs(y.Utilization-y.Demand/24) > 1e-12 {
		t.Errorf("with one of four down: %+v", y)
	}
}

func TestSizingMistakes(t *testing.T) {
	for change, want := range map[string]string{
		"sizing.servers=front":                                     "is no pattern of the list servers",
		"sizing.survive={hosts: 1, servers: 1}":                    "either hosts or servers may be down",
		"sizing.count=12..2":                                       "ends before it begins",
		"sizing.count=0..2":                                        "is not within",
		"sizing.objectives=[{metric: utilization.max, below: 1s}]": "is a duration, not a share",
		"sizing.objectives=[]":                                     "nothing is asked",
		"sizing.candidates=[]":                                     "nothing to choose from",
		"sizing.candidates[1].name=small":                          "exists already",
		"sizing.candidates[1].set={seed: 2}":                       "is the same for all candidates",
		"sizing.confidence=20%":                                    "is not between",
		"sizing.between=[1m, 2h]":                                  "is after the end",
		"servers[0].vm=''":                                         "are on no host",
		"sizing.growth={per_year: 10%, years: 40}":                 "is not between 0 and 20",
	} {
		path, value, _ := strings.Cut(change, "=")
		_, err := scenarios.Load(scenarios.Source{Name: "x.yaml", Text: []byte(nodesOnHosts)}, []scenarios.Setting{{Flag: "--set", Path: path, Value: value}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}
