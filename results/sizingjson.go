package results

import "math"

// sizingObject is what summary.json has of a sizing; empty if there was none. Each of
// the trials is a line.
func sizingObject(s *Sizing) object {
	if s == nil {
		return object{}
	}
	objectives := make(list, len(s.Objectives))
	for i, o := range s.Objectives {
		objectives[i] = line{{"metric", o.Metric}, {"below", o.Below}, {"above", o.Above}}
	}
	plans := make(list, len(s.Plans))
	for i := range s.Plans {
		plans[i] = s.planObject(&s.Plans[i])
	}
	tried := make(list, len(s.Tried))
	for i := range s.Tried {
		tried[i] = s.trialObject(&s.Tried[i])
	}
	words := make(list, 0, 8)
	for _, text := range s.Words() {
		words = append(words, text)
	}
	return object{
		{"confidence", s.Confidence}, {"indifference", s.Indifference},
		{"survive", orNull(s.Survive)}, {"growth", s.Growth}, {"demand_cores", s.Demand},
		{"objectives", objectives}, {"plans", plans}, {"years", s.yearsList()}, {"tried", tried}, {"replications", s.Runs}, {"words", words},
	}
}

func (s *Sizing) planObject(p *SizingPlan) object {
	trial := func(t *SizingTrial) any {
		if t == nil {
			return nil
		}
		return s.trialObject(t)
	}
	var count, cost any
	if p.Count > 0 {
		count, cost = p.Count, p.Cost
	}
	return object{
		{"candidate", p.Candidate}, {"cores", p.Cores}, {"price", p.Price}, {"count", count}, {"cost", cost},
		{"servers_lost", p.Lost}, {"headroom", p.Headroom - 1}, {"headroom_is_at_least", p.More},
		{"comes_closest", trial(p.Closest)}, {"one_fewer_fails", trial(p.Binds)}, {"reason", orNull(p.Reason)},
	}
}

func (s *Sizing) trialObject(t *SizingTrial) line {
	var held any
	if t.Verdict != CannotTell {
		held = t.Verdict == Held
	}
	margin := s.Margin(t)
	if math.IsInf(margin, 0) {
		margin = math.NaN()
	}
	return line{
		{"candidate", t.Candidate}, {"count", t.Count}, {"state", t.State}, {"metric", s.Objectives[t.Objective].Metric},
		{"value", estimateObject(t.Value)}, {"margin", margin}, {"held", held}, {"close", t.Close},
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
