package experiment_test

import (
	"testing"

	"lbsim/scenarios"
	"lbsim/scenarios/experiment"
)

// The answers per second, step by step, are the requests completed, and where
// there are no requests the connections opened.
func TestAnswersAddUp(t *testing.T) {
	for name, text := range map[string]string{
		"completed": `
name: asking
duration: 2m
traffic: [{name: web, arrivals: {kind: poisson, rate: 50/s}, demand: {kind: exponential, mean: 30ms}, retry: {timeout: 50ms}}]
servers: [{name: s1, cores: 2}]
balancer: {services: [{name: web, servers: [s1]}]}
`,
		"arrived": `
name: opening
duration: 2m
sites: [{name: users, clients: 5}]
traffic: [{name: web, from: [users], arrivals: {kind: poisson, rate: 50/s}, connections: {lifetime: {kind: constant, mean: 1ms}}}]
servers: [{name: s1}]
balancer: {services: [{name: web, servers: [s1]}]}
`,
	} {
		o := perform(t, load(t, scenarios.Source{Name: name + ".yaml", Text: []byte(text)}), experiment.Options{})
		v, sum := &o.Result.Variants[0], 0.0
		for i := range v.Series {
			if s := &v.Series[i]; s.Metric == "answers" {
				for _, x := range s.Mean {
					sum += x * s.Step
				}
			}
		}
		m, _ := v.Metrics.Get(name)
		if sum < 2000 || sum < m.Mean-1e-6 || sum > m.Mean+1e-6 {
			t.Errorf("%v %s, %v answers", m.Mean, name, sum)
		}
	}
}
