package lab

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
)

// What JSON writes.
type (
	jsonOutcome struct {
		Schema   string        `json:"schema"`
		Scenario string        `json:"scenario"`
		Version  string        `json:"version"`
		Seed     uint64        `json:"seed"`
		Variants []jsonVariant `json:"variants"`
	}
	jsonVariant struct {
		Name        string          `json:"name,omitempty"`
		Balancer    string          `json:"balancer"`
		Arrivals    int             `json:"arrivals"`
		Duration    float64         `json:"duration"`
		Repetitions int             `json:"repetitions"`
		Seeds       int             `json:"seeds"`
		Late        float64         `json:"late"`
		Metrics     []jsonRow       `json:"metrics"`
		Picks       []jsonAgreement `json:"picks"`
		Warnings    []string        `json:"warnings"`
	}
	jsonRow struct {
		Metric     string     `json:"metric"`
		Service    string     `json:"service,omitempty"`
		Server     string     `json:"server,omitempty"`
		Between    []float64  `json:"between,omitempty"`
		Real       *jsonRange `json:"real"` // null: no run has a value
		Simulated  *jsonRange `json:"simulated"`
		Difference *float64   `json:"difference"`
		Judgement  string     `json:"judgement"`
		Beyond     *float64   `json:"beyond"`
	}
	jsonRange struct {
		Mean float64 `json:"mean"`
		Min  float64 `json:"min"`
		Max  float64 `json:"max"`
		N    int     `json:"n"`
	}
	jsonAgreement struct {
		Before    jsonPicks       `json:"before"`
		After     jsonPicks       `json:"after"`
		Random    bool            `json:"random"`
		Differing []jsonDiffering `json:"differing"`
	}
	jsonPicks struct {
		Same int `json:"same"`
		All  int `json:"all"`
	}
	jsonDiffering struct {
		At        float64 `json:"t_s"`
		Arrival   int     `json:"arrival"`
		Real      string  `json:"real"`
		Simulated string  `json:"simulated"`
	}
)

var judgements = [...]string{"unknown", "inside", "overlaps", "outside"}

// JSON writes the comparisons for programs. Times are in seconds, shares 0 to 1.
func (o *Outcome) JSON(w io.Writer) error {
	out := jsonOutcome{Schema: "lbsim.lab/1", Scenario: o.Result.Scenario, Version: o.Result.Version, Seed: o.Result.Seed}
	for i := range o.Variants {
		out.Variants = append(out.Variants, o.Variants[i].json())
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (v *Variant) json() jsonVariant {
	x := jsonVariant{
		Name: v.Name, Balancer: v.Balancer, Arrivals: v.Arrivals, Duration: v.Duration.Seconds(), Repetitions: len(v.Agreements),
		Seeds: v.Seeds, Late: v.Late.Seconds(), Metrics: []jsonRow{}, Warnings: append([]string{}, v.Warnings...),
	}
	for i := range v.Rows {
		x.Metrics = append(x.Metrics, v.Rows[i].json())
	}
	for _, a := range v.Agreements {
		one := jsonAgreement{Before: jsonPicks(a.Before), After: jsonPicks(a.After), Random: a.Random, Differing: []jsonDiffering{}}
		for _, d := range a.Differing {
			one.Differing = append(one.Differing, jsonDiffering{d.At.Seconds(), d.Arrival, d.Real, d.Simulated})
		}
		x.Picks = append(x.Picks, one)
	}
	return x
}

func (r *Row) json() jsonRow {
	j, beyond := r.Judge()
	x := jsonRow{
		Metric: r.Metric, Service: r.Service, Server: r.Server, Judgement: judgements[j], Real: r.Real.json(), Simulated: r.Simulated.json(),
		Difference: orNull(r.Difference()), Beyond: orNull(beyond),
	}
	if r.Windowed {
		x.Between = r.Between[:]
	}
	return x
}

func (x Range) json() *jsonRange {
	if x.N == 0 {
		return nil
	}
	return &jsonRange{round(x.Mean), round(x.Min), round(x.Max), x.N}
}

func orNull(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	x = round(x)
	return &x
}

// round rounds to 9 significant digits, which all results have.
func round(x float64) float64 {
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 9, 64), 64)
	return x
}
