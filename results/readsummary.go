package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// ReadSummary reads what SummaryJSON has written, as far as it takes to compare two results:
// metrics of whole runs with their intervals, and how the variants are made up. The values
// of single replications are not there: see ReadReplications. The error says what is wrong.
func ReadSummary(in io.Reader) (*Result, error) {
	var s struct {
		Schema       string
		Scenario     string
		Version      string
		Seed         uint64
		Replications int
		Batches      int
		Variants     []struct {
			Name        string
			Fingerprint string
			Events      uint64
			Metrics     metricsRecord
			Services    map[string]struct {
				Servers map[string]json.RawMessage
			}
			VMs, Databases map[string]json.RawMessage
		}
		Warnings []string
	}
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return nil, fmt.Errorf("it is no summary: %w", err)
	}
	switch {
	case s.Schema == SweepSchema:
		return nil, errors.New("it is the summary of a sweep, which has points and not variants")
	case s.Schema != SummarySchema:
		return nil, fmt.Errorf("its schema is %q and not %q", s.Schema, SummarySchema)
	case len(s.Variants) == 0:
		return nil, errors.New("it has no variants")
	case s.Replications < 1 || s.Replications > 1e6:
		return nil, fmt.Errorf("%d replications are not between 1 and 1,000,000", s.Replications)
	}
	r := &Result{Scenario: s.Scenario, Version: s.Version, Seed: s.Seed, Replications: s.Replications, Batches: s.Batches, Warnings: s.Warnings}
	for i := range s.Variants {
		x := &s.Variants[i]
		v := Variant{Name: x.Name, Events: x.Events, Metrics: Metrics(x.Metrics)}
		v.Fingerprint, _ = strconv.ParseUint(x.Fingerprint, 16, 64) // of what an older one calls otherwise, 0
		for _, service := range x.Services {
			v.Services = append(v.Services, Service{Servers: make([]Server, len(service.Servers))})
		}
		v.VMs, v.Databases = make([]Part, len(x.VMs)), make([]Part, len(x.Databases))
		r.Variants = append(r.Variants, v)
	}
	return r, nil
}

// metricsRecord is a JSON object of estimates by name, in its order.
type metricsRecord Metrics

// UnmarshalJSON implements json.Unmarshaler.
func (m *metricsRecord) UnmarshalJSON(b []byte) error {
	var values map[string]struct {
		Mean, Low, High *float64
		N               int
		Unit            string
	}
	if err := json.Unmarshal(b, &values); err != nil {
		return err
	}
	names, err := keysOf(b)
	if err != nil {
		return err
	}
	orNaN := func(v *float64) float64 {
		if v == nil {
			return math.NaN()
		}
		return *v
	}
	for _, name := range names {
		x := values[name]
		*m = append(*m, Metric{Name: name, Estimate: Estimate{Mean: orNaN(x.Mean), Low: orNaN(x.Low), High: orNaN(x.High), N: x.N, Unit: x.Unit}})
	}
	return nil
}

// keysOf returns the keys of a JSON object in their order, each once.
func keysOf(b []byte) (keys []string, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, errors.New("an object was expected")
		}
		if !seen[name] {
			keys = append(keys, name)
		}
		seen[name] = true
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
