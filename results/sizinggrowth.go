package results

import (
	"fmt"
	"strings"
)

// CheapestIn is the plan that costs least in one of Years, nil if none does.
func (s *Sizing) CheapestIn(year int) (best *SizingPlan) {
	for i := range s.Plans {
		p := &s.Plans[i]
		if n := p.ByYear[year]; n > 0 && (best == nil || float64(n)*p.Price < float64(best.ByYear[year])*best.Price) {
			best = p
		}
	}
	return best
}

// Words says when it is: now, year 3.
func (y *SizingYear) Words() string {
	if y.After == 0 {
		return "now"
	}
	return "year " + Plain.Human(y.After)
}

// YearColumns are what YearCells says of a year: its traffic, what that asks of the
// servers, how many of each candidate it takes, and which of these are cheapest.
func (s *Sizing) YearColumns() []string {
	columns := []string{"traffic", "cores of demand"}
	for i := range s.Plans {
		columns = append(columns, s.Plans[i].Candidate)
	}
	return append(columns, "cheapest")
}

// YearCells says of one of Years what YearColumns tells.
func (s *Sizing) YearCells(year int) []string {
	y := &s.Years[year]
	cells := []string{fmt.Sprintf("%.0f %%", 100*y.Load), Plain.Human(y.Demand)}
	for i := range s.Plans {
		if n := s.Plans[i].ByYear[year]; n > 0 {
			cells = append(cells, fmt.Sprint(n))
		} else {
			cells = append(cells, "none does")
		}
	}
	if p := s.CheapestIn(year); p != nil {
		n := p.ByYear[year]
		return append(cells, fmt.Sprintf("%d x %s, %s", n, p.Candidate, Plain.Human(float64(n)*p.Price)))
	}
	return append(cells, "-")
}

// yearGrid is the table of what it takes by year.
func (s *Sizing) yearGrid() grid {
	g := grid{corner: "year", columns: s.YearColumns()}
	for i := range s.Years {
		g.add(s.Years[i].Words(), s.YearCells(i))
	}
	return g
}

// yearWords say when how many of the cheapest plan's candidate are needed, and in which
// years another would be cheaper.
func (s *Sizing) yearWords(best *SizingPlan) (words []string) {
	if len(s.Years) == 0 {
		return nil
	}
	steps := []string{fmt.Sprintf("%d now", best.ByYear[0])}
	for i := 1; i < len(s.Years); i++ {
		if n := best.ByYear[i]; n != best.ByYear[i-1] {
			steps = append(steps, fmt.Sprintf("%d from %s on", n, s.Years[i].Words()))
		}
	}
	if len(steps) == 1 {
		words = append(words, fmt.Sprintf("As many are needed now: %d x %s.", best.ByYear[0], best.Candidate))
	} else {
		words = append(words, fmt.Sprintf("Bought as the traffic grows, %s: %s.", best.Candidate, strings.Join(steps, ", ")))
	}
	var others []string
	for i := range s.Years {
		if p := s.CheapestIn(i); p != nil && p != best && float64(p.ByYear[i])*p.Price < float64(best.ByYear[i])*best.Price {
			others = append(others, fmt.Sprintf("%s %d x %s", s.Years[i].Words(), p.ByYear[i], p.Candidate))
		}
	}
	if len(others) > 0 {
		words = append(words, "For a year by itself another plan would be cheaper: "+strings.Join(others, ", ")+".")
	}
	return words
}

// yearsList is what summary.json has of Years: each is a line.
func (s *Sizing) yearsList() list {
	years := make(list, len(s.Years))
	for i := range s.Years {
		y := &s.Years[i]
		plans := make(list, 0, len(s.Plans))
		for k := range s.Plans {
			p := &s.Plans[k]
			var count, cost any
			if n := p.ByYear[i]; n > 0 {
				count, cost = n, float64(n)*p.Price
			}
			plans = append(plans, line{{"candidate", p.Candidate}, {"count", count}, {"cost", cost}})
		}
		var cheapest any
		if p := s.CheapestIn(i); p != nil {
			cheapest = p.Candidate
		}
		years[i] = line{{"after", y.After}, {"load", y.Load}, {"demand_cores", y.Demand}, {"plans", plans}, {"cheapest", cheapest}}
	}
	return years
}
