package lab

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"lbsim/results"
)

// Text writes the comparison of each variant for a terminal: the metrics, real and
// simulated, how often both picked the same server, and warnings.
func (o *Outcome) Text(w io.Writer) error {
	var b strings.Builder
	for i := range o.Variants {
		v := &o.Variants[i]
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s   %s\n\n", o.title(v), v.extent())
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintf(t, "  metric\treal\tsimulated\tdifference\t\n")
		for k := range v.Rows {
			c := v.Rows[k].cells()
			fmt.Fprintf(t, "  %s\n", strings.Join(c[:], "\t"))
		}
		t.Flush() // to memory
		b.WriteString("\n")
		for k := range v.Agreements {
			fmt.Fprintf(&b, "picks     repetition %d: %s\n", k+1, v.Agreements[k].words())
			if v.Agreements[k].Random {
				continue // of which nothing is to be learned
			}
			for _, d := range v.Agreements[k].Differing {
				fmt.Fprintf(&b, "            %s\n", d.words())
			}
		}
		fmt.Fprintf(&b, "balancer  %s\n", v.Balancer)
		fmt.Fprintf(&b, "clients   at most %v late\n", v.Late.Round(10*time.Microsecond))
		for _, text := range v.Warnings {
			fmt.Fprintf(&b, "warning: %s\n", text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// title names a variant with its scenario.
func (o *Outcome) title(v *Variant) string {
	name := strings.TrimSuffix(o.Result.Scenario, "-lab")
	if v.Name == "" {
		return name
	}
	return name + ", " + v.Name
}

// extent says how much was run.
func (v *Variant) extent() string {
	return fmt.Sprintf("%s of %s with %s, %s of each", counted(len(v.Agreements), "real run"), results.ShortClock(v.Duration.Seconds()), counted(v.Arrivals, "arrival"), counted(v.Seeds, "simulation"))
}

func counted(n int, noun string) string {
	s := results.Plain.Human(float64(n)) + " " + noun
	if n != 1 {
		s += "s"
	}
	return s
}

// cells are the row as a table shows it: its name, both sides, the difference of the
// means and the judgement.
func (r *Row) cells() [5]string {
	return [5]string{r.label(), r.human(r.Real), r.human(r.Simulated), r.difference(), r.judgement()}
}

// label names the metric.
func (r *Row) label() string {
	s := results.TermOf(r.Metric).Label
	switch {
	case r.Server != "":
		s = r.Service + ", " + r.Server + ": " + s
	case r.Windowed:
		s += fmt.Sprintf(" (%s to %s)", results.ShortClock(r.Between[0]), results.ShortClock(r.Between[1]))
	}
	return s
}

// human writes a range: its mean, and its ends if there are several values that are
// not the same.
func (r *Row) human(x Range) string {
	t := results.TermOf(r.Metric)
	s, low, high := t.Human(x.Mean), t.Human(x.Min), t.Human(x.Max)
	if x.N < 2 || low == high {
		return s
	}
	return fmt.Sprintf("%s [%s, %s]", s, low, high)
}

func (r *Row) difference() string {
	d := results.Estimate{Mean: r.Difference(), Low: math.NaN(), High: math.NaN()}
	return results.TermOf(r.Metric).Display.HumanChange(d)
}

// judgement puts into words where the simulated metric lies. A single real run has no
// range to be in.
func (r *Row) judgement() string {
	j, beyond := r.Judge()
	const hardly = 0.001
	far := ""
	switch {
	case math.IsInf(beyond, 0) || !(beyond > 0): // the real ones may all be 0
	case beyond < hardly:
		far = " by less than " + results.Percent.Human(hardly)
	default:
		far = " by " + results.Percent.Human(beyond)
	}
	switch {
	case r.Real.N == 1 && far != "":
		return "differs" + far
	case r.Real.N == 1 && j == Inside:
		return "the same"
	}
	switch j {
	case Inside:
		return "inside"
	case Overlaps:
		return "overlaps, its mean outside" + far
	case Outside:
		return "outside" + far
	}
	return "-"
}

// words says how often both picked the same server.
func (a *Agreement) words() string {
	s := a.Before.words()
	if a.After.All > 0 {
		s += " before the first event, " + a.After.words() + " after it"
	}
	if a.Random {
		s += " (simulated picks differ from seed to seed)"
	}
	return s
}

func (p Picks) words() string {
	if p.All > 0 && p.Same == p.All {
		return "all " + results.Plain.Human(float64(p.All))
	}
	return fmt.Sprintf("%s of %s (%s)", results.Plain.Human(float64(p.Same)), results.Plain.Human(float64(p.All)),
		results.Percent.Human(float64(p.Same)/float64(p.All)))
}

func (d *Differing) words() string {
	return fmt.Sprintf("arrival %d at %.3f s: %s, simulated %s", d.Arrival, d.At.Seconds(), orNobody(d.Real), orNobody(d.Simulated))
}

func orNobody(server string) string {
	if server == "" {
		return "no server"
	}
	return server
}
