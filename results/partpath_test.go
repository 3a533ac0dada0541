package results

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
)

// Paths find exactly the metrics that parts have.
func TestPathsOfPartMetrics(t *testing.T) {
	p := &placement{
		span: time.Hour, vms: make([]flow.VMMeter, 1), classes: []flow.ClassMeter{{Members: 2, Up: make([]time.Duration, 3)}},
		services: []flow.ServiceMeter{{Up: make([]time.Duration, 3)}}, databases: make([]flow.DatabaseMeter, 1),
	}
	for kind, want := range partMetrics {
		var heads []string
		for _, m := range p.parts(kind, []ServiceSetting{{Name: "web"}})[0].metrics {
			head, _, _ := strings.Cut(m.name, ".")
			if !slices.Contains(heads, head) {
				heads = append(heads, head)
			}
			path := kind + ".a.b." + m.name
			if k, name, metric, ok := splitPath(path); !ok || k != kind || name != "a.b" || metric != m.name {
				t.Errorf("%s is %q of %s %q, %v", path, metric, k, name, ok)
			}
		}
		if !slices.Equal(heads, want) {
			t.Errorf("%s have the metrics %q, and paths find %q", kind, heads, want)
		}
	}
}
