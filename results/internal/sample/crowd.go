package sample

import (
	"fmt"
	"math/rand/v2"

	"lbsim/results"
)

// Crowd is a result with so many servers, each in all of so many services, of
// which the second fails twice.
func Crowd(servers, variants, services int) *results.Result {
	r := uneven("crowd", []string{"round robin", "two choices", "random", "first"}[:variants], servers, 3)
	for i := range r.Variants {
		v := &r.Variants[i]
		one := v.Services[0]
		v.Services = nil
		g := rand.New(rand.NewPCG(9, uint64(i)))
		for k := range services {
			s := results.Service{Name: fmt.Sprintf("service-%d", k+1)}
			for m := range one.Servers {
				name := fmt.Sprintf("web%d", m+1)
				s.Servers = append(s.Servers, results.Server{Name: name, Metrics: one.Servers[m].Metrics})
				if m < 64 {
					v.Series = append(v.Series, thinSeries(s.Name, name, g))
				}
			}
			v.Services = append(v.Services, s)
			for n, at := range [...]float64{1200, 2600} {
				event := func(after float64, kind string) {
					v.Marks = append(v.Marks, results.Mark{At: at + after, Kind: kind, Service: s.Name, Server: "web2", Actor: s.Name + "/web2", Text: kind})
				}
				if k == 0 {
					v.Marks = append(v.Marks, results.Mark{At: at, Kind: "fail", Server: "web2", Actor: "web2", Text: "fails"},
						results.Mark{At: at + 300, Kind: "recover", Server: "web2", Actor: "web2", Text: "recovers"})
				}
				event(6, "down")
				event(304, "up")
				event(330+float64(90*k+40*n), "level")
			}
		}
		response := thinSeries("", "", g)
		response.Metric, response.Unit = "response_time.mean", "s"
		v.Series = append(v.Series, response)
	}
	return r
}

// thinSeries is about 0.3 connections.
func thinSeries(service, server string, g *rand.Rand) results.Series {
	s := results.Series{Metric: "connections", Service: service, Server: server, Step: 10}
	for range 360 {
		x := 0.3 + 0.1*g.Float64()
		s.Mean, s.Min, s.Max = append(s.Mean, x), append(s.Min, x-0.1), append(s.Max, x+0.1)
	}
	return s
}
