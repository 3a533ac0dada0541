package dist

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"lbsim/models/flow"
)

func TestTable(t *testing.T) {
	want := []string{
		"constant", "uniform", "exponential", "erlang", "hyperexponential",
		"lognormal", "weibull", "pareto", "gamma", "empirical",
	}
	if got := Table.Names(); !slices.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	for _, kind := range Table {
		spec := kind.New()
		if kind.Doc == "" {
			t.Errorf("%s has no documentation", kind.Name)
		}
		if _, ok := spec.(flow.Validator); !ok {
			t.Errorf("%s does not check itself", kind.Name)
		}
		if kind.Name != "constant" && flow.Check(spec) == nil {
			t.Errorf("%s without parameters is accepted", kind.Name)
		}
		if !slices.ContainsFunc(laws(), func(l law) bool { return reflect.TypeOf(l.spec) == reflect.TypeOf(spec) }) {
			t.Errorf("%s is not among the laws under test", kind.Name)
		}
		parameters := reflect.TypeOf(spec).Elem()
		for i := range parameters.NumField() {
			if f := parameters.Field(i); f.Tag.Get("yaml") == "" {
				t.Errorf("%s: field %s has no yaml tag", kind.Name, f.Name)
			}
		}
	}
}

// Of each law under test every number in turn is made impossible.
func TestImpossibleNumbersAreRefused(t *testing.T) {
	for _, l := range laws() {
		eachNumber(reflect.ValueOf(l.spec).Elem(), func(v reflect.Value) {
			old := reflect.ValueOf(v.Interface())
			refuse := func(bad any) {
				v.Set(reflect.ValueOf(bad).Convert(v.Type()))
				if flow.Check(l.spec) == nil {
					t.Errorf("%s: %+v is accepted", l.name, l.spec)
				}
			}
			switch v.Kind() {
			case reflect.Float64:
				for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, -1e-300} {
					refuse(bad)
				}
			case reflect.Int:
				refuse(-1)
				refuse(math.MaxInt32)
			case reflect.Int64:
				for _, bad := range []time.Duration{-1, math.MinInt64, longest + 1, math.MaxInt64} {
					refuse(bad)
				}
			}
			v.Set(old)
		})
		if ps := flow.Check(l.spec); ps != nil {
			t.Errorf("%s: restored, but %v", l.name, flow.Join(ps))
		}
	}
}

func eachNumber(v reflect.Value, f func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			eachNumber(v.Field(i), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachNumber(v.Index(i), f)
		}
	default:
		f(v)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		spec  Spec
		paths []string
	}{
		{&Constant{}, nil},
		{&Constant{Mean: longest}, nil},
		{&Uniform{Max: s}, nil},
		{&Uniform{}, []string{"max"}},
		{&Uniform{Min: s, Max: s}, []string{"min"}},
		{&Uniform{Min: 2 * s, Max: s}, []string{"min"}},
		{&Exponential{}, []string{"mean"}},
		{&Erlang{Mean: s}, []string{"shape"}},
		{&Erlang{Shape: 2}, []string{"mean"}},
		{&Hyperexponential{}, []string{"mean"}},
		{&Hyperexponential{Mean: s}, []string{"cv"}},
		{&Hyperexponential{Mean: s, CV: 0.99}, []string{"cv"}},
		{&Hyperexponential{Mean: s, CV: 2, Phases: []Phase{{1, s}}}, []string{"phases"}},
		{&Hyperexponential{Phases: []Phase{{0.5, s}, {0.4, s}}}, []string{"phases"}},
		{&Hyperexponential{Phases: []Phase{{0.5, s}, {0.5, 0}}}, []string{"phases[1].mean"}},
		{&Hyperexponential{Phases: []Phase{{1, s}, {0, s}}}, []string{"phases[1].share"}},
		{&Hyperexponential{Phases: make([]Phase, 101)}, nil}, // paths: one, and two for each phase
		{&Lognormal{}, []string{"mean"}},
		{&Lognormal{Mean: s}, []string{"cv"}},
		{&Lognormal{CV: 1}, []string{"mean"}},
		{&Lognormal{P50: s}, []string{"p99"}},
		{&Lognormal{P50: s, P99: s}, []string{"p99"}},
		{&Lognormal{P50: s, P99: 2 * s, CV: 1, Mean: s}, []string{"p50"}},
		{&Weibull{Mean: s}, []string{"shape"}},
		{&Weibull{Mean: s, Shape: 1, CV: 1}, []string{"cv"}},
		{&Weibull{Mean: s, Shape: 0.01}, []string{"shape"}},
		{&Pareto{Mean: s}, []string{"alpha"}},
		{&Pareto{Mean: s, Alpha: 1}, []string{"alpha"}},
		{&Pareto{Mean: s, Alpha: 2, CV: 1}, []string{"cv"}},
		{&Pareto{Mean: s, Alpha: 2, Max: s}, []string{"max"}},
		{&Pareto{Mean: s, CV: 1, Max: 9 * s}, []string{"max"}},
		{&Gamma{Mean: s}, []string{"cv"}},
		{&Gamma{Mean: s, CV: 11}, []string{"cv"}},
		{&Empirical{}, []string{"values"}},
		{&Empirical{Values: []time.Duration{}}, []string{"values"}},
		{&Empirical{Values: []time.Duration{0, 0}}, []string{"values"}},
		{&Empirical{Values: []time.Duration{0, s}, Weights: []float64{1, 0}}, []string{"values"}},
		{&Empirical{Values: []time.Duration{s}, Weights: []float64{}}, []string{"weights"}},
		{&Empirical{Values: []time.Duration{s}, Weights: []float64{1, 2}}, []string{"weights"}},
		{&Empirical{Values: make([]time.Duration, maxValues+1)}, []string{"values"}},
	} {
		var paths []string
		problems := flow.Check(c.spec)
		for _, p := range problems {
			paths = append(paths, p.Path)
		}
		if h, ok := c.spec.(*Hyperexponential); ok && len(h.Phases) > maxPhases {
			if len(problems) != 1+2*len(h.Phases) {
				t.Errorf("%d problems with too many phases", len(problems))
			}
			continue
		}
		if !slices.Equal(paths, c.paths) {
			t.Errorf("%T: problems with %q, want %q: %v", c.spec, paths, c.paths, flow.Join(problems))
		}
	}
}

func TestEmpiricalFollowsItsWeights(t *testing.T) {
	d := (&Empirical{
		Values:  []time.Duration{7 * s, 3 * s, 5 * s, 3 * s, 1 * s},
		Weights: []float64{2, 1, 0, 3, 4},
	}).Build()
	for _, c := range []struct{ p, want float64 }{
		{0, 1}, {0.39, 1}, {0.41, 3}, {0.79, 3}, {0.81, 7}, {1 - 0x1p-53, 7},
	} {
		if got := d.Quantile(c.p); got != c.want {
			t.Errorf("quantile at %v is %v, want %v", c.p, got, c.want)
		}
	}
	// Weights that differ much, and sums that round.
	e := &Empirical{}
	for i := range 1000 {
		e.Values = append(e.Values, time.Duration(i+1)*s)
		e.Weights = append(e.Weights, math.Exp(20*math.Sin(float64(i))))
	}
	l := e.Build().(*empiricalLaw)
	grid(func(p float64) {
		i, _ := slices.BinarySearchFunc(l.upTo, p, func(x, p float64) int {
			if x <= p {
				return -1
			}
			return 1
		})
		if got := l.Quantile(p); got != l.values[i] {
			t.Errorf("quantile at %v is %v, want %v", p, got, l.values[i])
		}
	})
}
