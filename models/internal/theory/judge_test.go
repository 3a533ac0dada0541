package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// missing is how often an interval of 99 % misses by chance.
const missing = 0.01

// doubt is how unlikely more misses than are allowed would be by chance.
const doubt = 0.001

// outcome is what came of one comparison in all seeds.
type outcome struct {
	Comparison        // of the first seed
	run        string // the simulation that it is a measurement of
	seeds      int    // in which it has an interval
	misses     int    // of them
	wrong      int    // seeds in which a single number is wrong
	mean       float64
	means      []float64
	deviation  float64 // standard deviation of the seeds' means
	width      float64 // of half an interval, root mean square
}

// pooled is half the interval around the mean of all seeds.
func (o *outcome) pooled(confidence float64) float64 {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(o.seeds - 1)}
	return t.Quantile((1+confidence)/2) * o.deviation / math.Sqrt(float64(o.seeds))
}

// inTheMean is what is wrong with the mean of all seeds, of one comparison among so
// many: it is not within the row's tolerance and beyond doubt not what the row has, or
// so little is known of it that it says nothing.
func (o *outcome) inTheMean(r *Row, where string, among int) (problems []string) {
	if o.seeds < 2 || o.N <= 2 {
		return nil
	}
	size, off := math.Abs(o.Theory), math.Abs(o.mean-o.Theory)
	// All seeds together have as many times as many replications.
	if half := o.width / math.Sqrt(float64(o.seeds)); half > r.widest()*size {
		problems = append(problems, fmt.Sprintf("%s is known to +-%.1f %% only, too little to tell anything", where, 100*half/size))
	}
	if off > r.Tolerance*size && off > o.pooled(1-doubt/float64(among)) {
		problems = append(problems, fmt.Sprintf("%s is %.6g in the mean of %d seeds instead of %.6g", where, o.mean, o.seeds, o.Theory))
	}
	return problems
}

// allowed is how many misses there may be in so many seeds. What is measured of
// one simulation goes together: if its load happens to be high, so are mean, percentiles
// and queue. As it is not known how much, all that is measured of one are taken to
// miss together or not at all, which no correlation can be worse than; simulations and
// seeds are independent. Given is how many intervals each simulation has. The number
// of misses then has a distribution that is computed exactly, by adding one after the
// other, and more than allowed have a probability of doubt at most.
func allowed(together []int, seeds int) int {
	most := 10
	for _, n := range together {
		most += n * seeds
	}
	p := make([]float64, most)
	p[0] = 1
	top := 0
	for range seeds {
		for _, n := range together {
			top += n
			for k := top; k >= n; k-- {
				p[k] = (1-missing)*p[k] + missing*p[k-n]
			}
			for k := min(n-1, top); k >= 0; k-- {
				p[k] *= 1 - missing
			}
		}
	}
	sum := 0.0
	for k, x := range p {
		if sum += x; sum >= 1-doubt {
			return k
		}
	}
	panic("probabilities do not add up")
}

// ofOne is in how many seeds one comparison among so many may miss.
func ofOne(seeds, among int) int {
	if seeds == 0 {
		return 0
	}
	d := distuv.Binomial{N: float64(seeds), P: missing}
	k := 0
	for d.Survival(float64(k))*float64(among) > doubt {
		k++
	}
	return k
}

// tally counts intervals of one kind.
type tally struct {
	comparisons, intervals, misses int
	together                       map[string]int // comparisons with intervals by simulation
	seeds                          int
}

func (y *tally) add(o *outcome) {
	if o.seeds == 0 {
		return
	}
	if y.together == nil {
		y.together = map[string]int{}
	}
	y.comparisons++
	y.intervals += o.seeds
	y.misses += o.misses
	y.together[o.run]++
	y.seeds = max(y.seeds, o.seeds)
}

func (y *tally) allowed() int {
	var sizes []int
	for _, n := range y.together {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	return allowed(sizes, y.seeds)
}

// judgement is what is found wrong with outcomes.
func judgement(rows map[string]Row, all []*outcome) (sharp, slack tally, problems []string) {
	for _, o := range all {
		if r := rows[o.Row]; r.Sharp() {
			sharp.add(o)
		} else {
			slack.add(o)
		}
	}
	for name, y := range map[string]*tally{"intervals": &sharp, "intervals that are widened": &slack} {
		if y.comparisons == 0 {
			continue
		}
		if most := y.allowed(); y.misses > most {
			problems = append(problems, fmt.Sprintf("%d of %d %s miss, and chance allows %d", y.misses, y.intervals, name, most))
		}
	}
	for _, o := range all {
		r := rows[o.Row]
		problems = append(problems, o.problems(&r, len(all))...)
	}
	slices.Sort(problems)
	return sharp, slack, problems
}

// problems is what is wrong with one comparison among so many.
func (o *outcome) problems(r *Row, among int) (problems []string) {
	where := fmt.Sprintf("%s (%s)", o.Row, o.Test)
	if most := ofOne(o.seeds, among); o.misses > most {
		problems = append(problems, fmt.Sprintf("%s misses in %d of %d seeds, and chance allows %d in one of all", where, o.misses, o.seeds, most))
	}
	if o.wrong > 0 {
		problems = append(problems, fmt.Sprintf("%s is wrong in %d seeds: %g instead of %g", where, o.wrong, o.Mean, o.Theory))
	}
	return append(problems, o.inTheMean(r, where, among)...)
}

// Single intervals are allowed as many misses as a binomial distribution has, and
// simulations that always miss together more.
func TestAllowed(t *testing.T) {
	singles := slices.Repeat([]int{1}, 100)
	d := distuv.Binomial{N: 2000, P: missing}
	got := allowed(singles, 20)
	if d.Survival(float64(got)) > doubt || d.Survival(float64(got-1)) <= doubt {
		t.Errorf("%d misses of 2000 intervals are allowed", got)
	}
	if together := allowed(slices.Repeat([]int{10}, 10), 20); together <= got || together%10 != 0 {
		t.Errorf("%d misses of 2000 intervals are allowed, ten of which miss together", together)
	}
	// P(3 or more of 20) is just above 0.001, P(4 or more) 4.3e-5, P(6 or more) 3e-8.
	if a, b := ofOne(20, 1), ofOne(20, 2000); a != 3 || b != 5 {
		t.Errorf("one of one may miss in %d seeds, one of 2000 in %d", a, b)
	}
}

// A row that always misses does not hide in the sum, nor a number that is wrong.
func TestJudgement(t *testing.T) {
	rows := map[string]Row{"a": {ID: "a", Kind: Exact, Tolerance: 0.01}, "b": {ID: "b", Kind: Limit, Tolerance: 0.01}}
	var all []*outcome
	for i := range 300 {
		all = append(all, &outcome{Comparison: Comparison{Row: "a", Theory: 1, Mean: 1, Half: 0.01, N: 16}, run: fmt.Sprint(i), seeds: 20, mean: 1, deviation: 0.01, width: 0.01})
	}
	if _, _, problems := judgement(rows, all); problems != nil {
		t.Error(problems)
	}
	for _, c := range []struct {
		spoil func(o *outcome)
		want  string
	}{
		{func(o *outcome) { o.misses = 8 }, "a () misses in 8 of 20 seeds"},
		{func(o *outcome) { o.wrong = 1 }, "a () is wrong in 1 seeds"},
		{func(o *outcome) { o.width = 0.4 }, "too little to tell anything"},
		{func(o *outcome) { o.mean = 1.02 }, "a () is 1.02 in the mean of 20 seeds instead of 1"},
	} {
		spoiled := *all[0]
		c.spoil(&spoiled)
		_, _, problems := judgement(rows, append([]*outcome{&spoiled}, all...))
		if len(problems) != 1 || !strings.Contains(problems[0], c.want) {
			t.Errorf("got %q, want one with %q", problems, c.want)
		}
	}
	for _, o := range all[:100] {
		o.misses = 1
	}
	if _, _, problems := judgement(rows, all); len(problems) != 1 || !strings.HasPrefix(problems[0], "100 of 6000 intervals miss") {
		t.Errorf("got %q", problems)
	}
}
