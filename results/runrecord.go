package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"lbsim/sim"
)

// A Run is kept as JSON so that it need not be made again: its metrics, those of
// its services and of its windows, those of virtual machines and databases, and the
// kernel's fingerprint. What is left out is large and serves one run only: servers,
// series, marks, where machines were, and assignments.

type runRecord struct {
	Fingerprint string       `json:"fingerprint"`
	Events      uint64       `json:"events"`
	Services    []partRecord `json:"services"`
	windowRecord
	Windows []windowRecord `json:"windows,omitempty"`
}

type windowRecord struct {
	Metrics []metricRecord          `json:"metrics"`
	Parts   map[string][]partRecord `json:"parts,omitempty"` // by kind
}

type partRecord struct {
	Name    string         `json:"name"`
	Metrics []metricRecord `json:"metrics"`
}

// A metricRecord is [name, value, unit], the unit only if there is one.
type metricRecord value

// MarshalJSON implements json.Marshaler. The value is the shortest text that
// reads as the same bits; one that is no number is a string.
func (m metricRecord) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('[')
	writeString(&b, m.name)
	x := strconv.FormatFloat(m.x, 'g', -1, 64)
	if !finite(m.x) {
		x = strconv.Quote(x)
	}
	b.WriteString("," + x)
	if m.unit != "" {
		b.WriteByte(',')
		writeString(&b, m.unit)
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *metricRecord) UnmarshalJSON(b []byte) error {
	var parts []any
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) < 2 || len(parts) > 3 {
		return fmt.Errorf("a metric has a name, a value and perhaps a unit, but %d parts are here", len(parts))
	}
	var ok bool
	if m.name, ok = parts[0].(string); !ok {
		return fmt.Errorf("the name of a metric is not a string")
	}
	switch x := parts[1].(type) {
	case float64:
		m.x = x
	case string:
		var err error
		if m.x, err = strconv.ParseFloat(x, 64); err != nil {
			return fmt.Errorf("%s: %q is not a value", m.name, x)
		}
	default:
		return fmt.Errorf("%s has no value", m.name)
	}
	if len(parts) == 3 {
		m.unit, ok = parts[2].(string)
		if !ok {
			return fmt.Errorf("the unit of %s is not a string", m.name)
		}
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (r *Run) MarshalJSON() ([]byte, error) {
	record := runRecord{Fingerprint: Hex(r.Kernel.Fingerprint), Events: r.Kernel.Fired, windowRecord: recordWindow(r.metrics, r.placement, r.setting)}
	for _, s := range r.services {
		record.Services = append(record.Services, partRecord{s.name, recordsOf(s.metrics)})
	}
	for _, w := range r.windows {
		record.Windows = append(record.Windows, recordWindow(w.metrics, w.placement, r.setting))
	}
	return json.Marshal(record)
}

func recordWindow(metrics values, p *placement, services []ServiceSetting) windowRecord {
	w := windowRecord{Metrics: recordsOf(metrics)}
	if p == nil {
		return w
	}
	w.Parts = map[string][]partRecord{}
	for kind := range partMetrics {
		for _, x := range p.parts(kind, services) {
			w.Parts[kind] = append(w.Parts[kind], partRecord{x.name, recordsOf(x.metrics)})
		}
	}
	return w
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Run) UnmarshalJSON(b []byte) error {
	var record runRecord
	if err := json.Unmarshal(b, &record); err != nil {
		return err
	}
	fingerprint, err := strconv.ParseUint(record.Fingerprint, 16, 64)
	if err != nil {
		return fmt.Errorf("%q is not a fingerprint", record.Fingerprint)
	}
	main := record.window()
	*r = Run{Kernel: sim.Stats{Fired: record.Events, Fingerprint: fingerprint}, metrics: main.metrics, placement: main.placement}
	for _, s := range record.Services {
		r.services = append(r.services, serviceRun{name: s.Name, metrics: valuesOf(s.Metrics)})
	}
	for i := range record.Windows {
		r.windows = append(r.windows, record.Windows[i].window())
	}
	return nil
}

func (w *windowRecord) window() windowRun {
	out := windowRun{metrics: valuesOf(w.Metrics)}
	if w.Parts == nil {
		return out
	}
	out.placement = &placement{kept: map[string][]part{}}
	for kind, list := range w.Parts {
		for _, x := range list {
			out.placement.kept[kind] = append(out.placement.kept[kind], part{x.Name, valuesOf(x.Metrics)})
		}
	}
	return out
}

func recordsOf(v values) []metricRecord {
	out := make([]metricRecord, len(v))
	for i := range v {
		out[i] = metricRecord(v[i])
	}
	return out
}

func valuesOf(m []metricRecord) values {
	out := make(values, len(m))
	for i := range m {
		out[i] = value(m[i])
	}
	return out
}
