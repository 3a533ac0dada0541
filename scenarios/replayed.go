package scenarios

import (
	"fmt"
	"strings"
	"time"

	"lbsim/models/traffic"
	"lbsim/scenarios/strict"
)

// Recording is what was recorded of a run.
type Recording struct {
	Trace string          // the file that says who came when
	Acted []time.Duration // when what the timeline says was done, by its order; nil: when it was to be
}

// Replayed returns, as YAML, the variant as a scenario of its own with recorded
// arrivals in place of its clients: a variant for each recording, whose trace is a file
// beside it. Those who come in a trace come once, whatever becomes of them, and wait as long
// as clients of the variant's first stream do.
func (p *Plan) Replayed(name string, recorded []Recording, replications int) ([]byte, error) {
	s := *p.Scenario
	s.Name = name
	s.Replications.SetDefaults()
	s.Replications.Count = replications
	s.Warmup.Auto = false // what it is has been found
	s.Batches, s.Sites, s.Variants, s.Sizing, s.Tables = 0, nil, Variants{}, nil, nil
	s.Expect = nil
	for _, e := range p.Scenario.Expect {
		if len(e.In) == 0 || p.In(e.In) {
			e.In = nil
			s.Expect = append(s.Expect, e)
		}
	}
	t := traffic.Stream{Name: "arrivals", To: s.Balancer.Services[0].Name, Trace: recorded[0].Trace}
	t.Retry = s.Traffic[0].Retry
	t.Retry.Attempts, t.Retry.Budget, t.Retry.Breaker = 1, nil, nil
	t.Keys = keysOf(s.Traffic)
	s.Traffic = []traffic.Stream{t}
	text, err := strict.Encode(&s, Policies)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Write(text)
	b.WriteString("variants:\n")
	for i, r := range recorded {
		fmt.Fprintf(&b, "  - {name: repetition %d, against: none, set: {traffic.arrivals.trace: %s", i+1, r.Trace)
		for k, at := range r.Acted {
			if at != s.Timeline[k].At {
				fmt.Fprintf(&b, ", \"timeline[%d].at\": %s", k, strict.FormatDuration(at))
			}
		}
		b.WriteString("}}\n")
	}
	return []byte(b.String()), nil
}

// keysOf returns the keys that any of the streams has.
func keysOf(streams []traffic.Stream) (keys []traffic.Key) {
	seen := map[string]bool{}
	for i := range streams {
		for _, k := range streams[i].Keys {
			if !seen[k.Name] {
				seen[k.Name] = true
				keys = append(keys, k)
			}
		}
	}
	return keys
}
