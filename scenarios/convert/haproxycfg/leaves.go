package haproxycfg

import (
	"reflect"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	"lbsim/scenarios/convert"
	"lbsim/scenarios/strict"
)

// policies are those of a service.
var policies = strict.NewPolicies(
	strict.PolicyOf(sched.Table, strict.PolicyOptions{}),
	strict.PolicyOf(persist.Table, strict.PolicyOptions{}),
	strict.PolicyOf(ramp.Table, strict.PolicyOptions{}),
)

// values are those of a part of a scenario, in order, and by path.
type values struct {
	list []strict.Leaf
	text map[string]string
}

// valuesOf lists the values of a struct. A policy without parameters is its kind.
func valuesOf(v any) values {
	leaves, err := strict.Leaves(v, policies)
	if err != nil {
		panic("haproxycfg: " + err.Error()) // it was checked, or made here
	}
	out := values{text: map[string]string{}}
	for _, l := range leaves {
		if policyPaths[l.Path] {
			l.Path += ".kind"
		}
		out.list = append(out.list, l)
		out.text[l.Path] = l.Text
	}
	return out
}

var policyPaths = map[string]bool{"scheduler": true, "scheduler.within": true, "persistence": true, "slow_start": true}

// settings are the values that a scenario has to name, as HAProxy's defaults are
// others, and redispatch, as many take it for granted. Their order is that of a
// scenario's keys.
func (s *service) settings() (list []convert.Setting) {
	written := s.Service
	if g, ok := written.Scheduler.(*sched.Priority); ok && !g.AllBackups {
		written.Scheduler = g.Within // servers that stand by make the groups
	}
	written.Servers = nil
	have, without := valuesOf(&written), silentValues(&written)
	t := &tree{}
	for _, l := range have.list {
		switch section, _, _ := strings.Cut(l.Path, "."); {
		case section == "name" || section == "instances":
		case l.Path == "redispatch", strings.HasSuffix(l.Path, ".kind") && l.Text != presetKinds[l.Path]:
			t.add(l.Path, l.Text)
		case l.Text != without.text[l.Path]:
			if kind := section + ".kind"; have.text[kind] != "" {
				t.add(kind, have.text[kind])
			}
			t.add(l.Path, l.Text)
		}
	}
	for _, x := range t.inner {
		list = append(list, convert.Setting{Key: x.key, Value: x.flow()})
	}
	return list
}

// presetKinds are those of the product's preset. That of the scheduler is always
// written, as releases have had another.
var presetKinds = map[string]string{"persistence.kind": "none", "slow_start.kind": "none", "health.kind": "tcp"}

// silentValues are the values of a service of which nothing is said but the kinds of
// its policies.
func silentValues(s *lb.Service) values {
	d := silent(s)
	if g, ok := s.Scheduler.(*sched.Priority); ok {
		groups := d.Scheduler.(*sched.Priority)
		if least, ok := groups.Within.(*sched.LeastConnections); ok && reflect.TypeOf(g.Within) == reflect.TypeOf(groups.Within) {
			least.Like = like // the others of its values are those that priority begins with
		} else {
			groups.Within = silentScheduler(g.Within)
		}
	}
	return valuesOf(&d)
}

// A tree is a mapping that is being written.
type tree struct {
	key, text string
	inner     []*tree
}

// add puts a value at a path, once.
func (t *tree) add(path, text string) {
	first, rest, deeper := strings.Cut(path, ".")
	var at *tree
	for _, x := range t.inner {
		if x.key == first {
			at = x
		}
	}
	if at == nil {
		at = &tree{key: first}
		t.inner = append(t.inner, at)
	}
	if deeper {
		at.add(rest, text)
	} else {
		at.text = text
	}
}

// flow returns the value in YAML's flow style. A mapping of a kind alone is that word.
func (t *tree) flow() string {
	switch {
	case len(t.inner) == 0:
		return t.text
	case len(t.inner) == 1 && t.inner[0].key == "kind":
		return t.inner[0].flow()
	}
	var parts []string
	for _, x := range t.inner {
		parts = append(parts, x.key+": "+x.flow())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
