package scenarios

import (
	"slices"
	"testing"
)

// Servers whose pattern looks like the name of a service are servers.
func TestSeveralServersFail(t *testing.T) {
	f, err := Load(Source{Name: "pool.yaml", Text: []byte(`
name: pool
duration: 2m
traffic: [{name: web, arrivals: {kind: poisson, rate: 50/s}, demand: 10ms}]
servers: [{names: "web[1-4]"}]
balancer: {services: [{name: web, servers: ["web[1-4]"]}]}
timeline: [{at: 30s, fail: "web[3-4]"}, {at: 1m, recover: "web[3-4]"}]
`)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range f.Variants[0].Config.Timeline {
		if got := a.Targets(); !slices.Equal(got, []string{"web3", "web4"}) {
			t.Errorf("at %v it happens to %v", a.At, got)
		}
	}
}
