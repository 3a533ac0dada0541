package results

import (
	"fmt"
	"strings"
)

// sizingCell is how wide words in a cell are on a terminal.
const sizingCell = 26

// sizingText writes the answer for a terminal: the plans, what was found of the
// numbers next to them, and the cheapest plan in words.
func (r *Result) sizingText(width int) (sections []string) {
	s := r.Sizing
	plans := s.planGrid()
	for i := range plans.cells {
		for k := range plans.cells[i] {
			plans.cells[i][k] = wrapped(plans.cells[i][k], sizingCell)
		}
	}
	sections = append(sections, plans.render())
	if g := s.yearGrid(); !g.empty() {
		sections = append(sections, g.cut(width))
	}
	if g := s.trialGrid(); !g.empty() {
		for k := range g.columns {
			g.columns[k] = wrapped(g.columns[k], sizingCell)
		}
		sections = append(sections, g.render())
	}
	return append(sections, wrapAll("", s.Words(), width))
}

func (r *Result) sizingMarkdown() string {
	s := r.Sizing
	text := s.planGrid().markdown()
	if g := s.yearGrid(); !g.empty() {
		text += "\n" + g.markdown()
	}
	if g := s.trialGrid(); !g.empty() {
		text += "\n" + g.markdown()
	}
	for _, words := range s.Words() {
		text += "\n" + escapeMarkdown(words) + "\n"
	}
	return text
}

// planGrid is the table of designs, the cheapest that does first.
func (s *Sizing) planGrid() grid {
	g := grid{corner: "design", columns: PlanColumns}
	for i := range s.Plans {
		g.add(s.Plans[i].Candidate, s.PlanCells(&s.Plans[i]))
	}
	return g
}

// PlanColumns are what PlanCells says of a plan.
var PlanColumns = []string{"servers", "price", "comes closest", "one fewer", "headroom"}

// PlanCells says of a plan how many, and of them how many that may be down, at which price, what comes closest to its limit,
// why one fewer does not do, and how much more traffic it stands.
func (s *Sizing) PlanCells(p *SizingPlan) []string {
	fewer := "-"
	switch {
	case p.Binds != nil:
		fewer = s.briefly(p.Binds)
	case p.Reason != "":
		fewer = "cannot be, see below"
	}
	if p.Count == 0 {
		return []string{"none does", "-", "-", fewer, "-"}
	}
	closest := "-"
	if p.Closest != nil {
		closest = s.briefly(p.Closest)
	}
	count := fmt.Sprint(p.Count)
	if p.Lost > 0 {
		count += fmt.Sprintf(" (%d + %d)", p.Count-p.Lost, p.Lost)
	}
	return []string{count, Plain.Human(p.Cost), closest, fewer, p.headroomWords()}
}

func (p *SizingPlan) headroomWords() string {
	if !finite(p.Headroom) {
		return "-"
	}
	words := fmt.Sprintf("%.0f %%", 100*(p.Headroom-1))
	if p.More {
		words += " or more"
	}
	return words
}

// briefly writes what an objective came to, and in which state.
func (s *Sizing) briefly(t *SizingTrial) string {
	o := &s.Objectives[t.Objective]
	return o.Metric + " " + TermOf(o.Metric).Human(t.Value.Mean) + ", " + t.State
}

// trialGrid is what was measured of each plan, and of one fewer.
func (s *Sizing) trialGrid() grid {
	g := grid{corner: "design, state"}
	for i := range s.Objectives {
		g.columns = append(g.columns, s.Objectives[i].Words())
	}
	for i := range s.Plans {
		for _, row := range s.PlanRows(&s.Plans[i]) {
			g.add(row.Label, row.Cells)
		}
	}
	return g
}

// A SizingRow is a number of servers in a state, with what each objective came to.
type SizingRow struct {
	Label string
	Cells []string
}

// PlanRows are the states of a plan, and those in which one fewer was tried.
func (s *Sizing) PlanRows(p *SizingPlan) (rows []SizingRow) {
	for _, count := range [...]int{p.Count, p.Count - 1} {
		row := map[string]int{}
		for i := range s.Tried {
			t := &s.Tried[i]
			if t.Candidate != p.Candidate || t.Count != count {
				continue
			}
			k, ok := row[t.State]
			if !ok {
				k = len(rows)
				row[t.State] = k
				rows = append(rows, SizingRow{fmt.Sprintf("%d x %s, %s", count, p.Candidate, t.State), make([]string, len(s.Objectives))})
				for o := range s.Objectives {
					rows[k].Cells[o] = "-"
				}
			}
			rows[k].Cells[t.Objective] = s.verdictWords(t)
		}
	}
	return rows
}

func (s *Sizing) verdictWords(t *SizingTrial) string {
	words := TermOf(s.Objectives[t.Objective].Metric).Display.HumanInterval(t.Value)
	switch {
	case t.Close:
		return words + " " + t.Verdict.String() + ", close"
	case t.Verdict == Held:
		return words
	}
	return words + " " + t.Verdict.String()
}

// Words are the cheapest plan in words: what to buy, why not fewer, why not as many as
// counting servers gives, what the next plan would cost, and how sure this is.
func (s *Sizing) Words() (words []string) {
	best := s.Best()
	if best == nil {
		words = append(words, s.noPlan()...)
		return append(words, s.Notes...)
	}
	words = append(words, fmt.Sprintf("Buy %d x %s for %s%s.", best.Count, best.Candidate, Plain.Human(best.Cost), s.against(best)))
	words = append(words, s.binding(best)...)
	for i := range s.Plans {
		if text := s.countingWords(&s.Plans[i]); text != "" {
			words = append(words, text)
		}
	}
	words = append(words, s.yearWords(best)...)
	if finite(best.Headroom) {
		words = append(words, best.growth())
	}
	words = append(words, s.sureness())
	return append(words, s.Notes...)
}

// growth says how much more traffic the plan stands.
func (p *SizingPlan) growth() string {
	percent := fmt.Sprintf("%.0f %%", 100*(p.Headroom-1))
	switch {
	case p.More:
		return "It stands " + percent + " more traffic, and perhaps more than that."
	case p.Headroom < 1.005:
		return "It stands less than 1 % more traffic."
	}
	return "It stands about " + percent + " more traffic."
}

// against compares the price of the cheapest plan with that of the next.
func (s *Sizing) against(best *SizingPlan) string {
	if len(s.Plans) < 2 || s.Plans[1].Count == 0 {
		return ""
	}
	next := &s.Plans[1]
	return fmt.Sprintf("; next is %d x %s for %s", next.Count, next.Candidate, Plain.Human(next.Cost))
}

// binding says why one fewer would not do.
func (s *Sizing) binding(p *SizingPlan) []string {
	switch {
	case p.Binds != nil:
		o := &s.Objectives[p.Binds.Objective]
		return []string{fmt.Sprintf("One fewer would not do: with %d, %s, %s is %s and has to be %s.", p.Binds.Count, stateWords(p.Binds.State),
			o.Metric, TermOf(o.Metric).Human(p.Binds.Value.Mean), strings.TrimPrefix(o.Words(), o.Metric+" "))}
	case p.Reason != "":
		return []string{"One fewer would not do: " + p.Reason + "."}
	}
	return []string{"Fewer were not asked for."}
}

func stateWords(state string) string {
	switch {
	case state == "normal":
		return "in normal operation"
	case strings.HasSuffix(state, " back"):
		return "after " + strings.TrimSuffix(state, " back") + " has come back"
	}
	return "with " + state
}

// countingWords explain why counting servers in place of hosts gives too few.
func (s *Sizing) countingWords(p *SizingPlan) string {
	if p.Counted == 0 || p.Count <= p.Counted || p.Price == 0 {
		return ""
	}
	return fmt.Sprintf("Counting servers, %d x %s for %s would do with one of them down. But they are on hosts, and with a host go %d of the %d: it takes %d for %s.",
		p.Counted, p.Candidate, Plain.Human(float64(p.Counted)*p.Price), p.CountedLost, p.Counted, p.Count, Plain.Human(p.Cost))
}

// noPlan says which objective fails where nothing does.
func (s *Sizing) noPlan() []string {
	words := []string{"No plan does what is asked."}
	for i := range s.Plans {
		p := &s.Plans[i]
		switch {
		case p.Binds != nil:
			o := &s.Objectives[p.Binds.Objective]
			words = append(words, fmt.Sprintf("%s: even with %d, %s, %s is %s and has to be %s.", p.Candidate, p.Binds.Count, stateWords(p.Binds.State),
				o.Metric, TermOf(o.Metric).Human(p.Binds.Value.Mean), strings.TrimPrefix(o.Words(), o.Metric+" ")))
		case p.Reason != "":
			words = append(words, p.Candidate+": "+p.Reason+".")
		}
	}
	return words
}

// sureness says how sure the answer is.
func (s *Sizing) sureness() string {
	words := fmt.Sprintf("This is right with %.4g %% confidence, or within %.4g %% of a limit.", 100*s.Confidence, 100*s.Indifference)
	best := s.Best()
	for i := range s.Tried {
		t := &s.Tried[i]
		if t.Candidate == best.Candidate && (t.Count == best.Count || t.Count == best.Count-1) && t.Close {
			o := &s.Objectives[t.Objective]
			return words + fmt.Sprintf(" %s of %d, %s, is that close: either number does about as well.", o.Metric, t.Count, stateWords(t.State))
		}
	}
	return words
}
