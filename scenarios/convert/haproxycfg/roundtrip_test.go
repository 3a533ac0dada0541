package haproxycfg

import (
	"reflect"
	"testing"

	"lbsim/models/lb"
	"lbsim/scenarios"
	"lbsim/scenarios/convert"
)

// loaded imports a configuration and loads the scenario. What it then is must be what
// was read, value by value.
func loaded(t testing.TB, text []byte) (*scenarios.File, []convert.Remark) {
	t.Helper()
	b, err := Import(text, "haproxy.cfg", "imported")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	f, err := scenarios.Load(scenarios.Source{Name: "imported.yaml", Text: b.Scenario()}, nil)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, b.Scenario(), text)
	}
	r := reader{file: "haproxy.cfg"}
	list, err := r.configuration(text)
	if err != nil {
		t.Fatal(err)
	}
	got := f.Variants[0].Config.Balancer
	if got.Source.Kind != r.seen(list) {
		t.Errorf("source is %s", got.Source.Kind)
	}
	for i, s := range list {
		want := s.Service
		for m, o := range s.proxy.servers {
			want.Servers[m].Name = r.called[o]
		}
		same(t, &got.Services[i], &want)
	}
	if t.Failed() {
		t.Logf("%s\n%s", b.Scenario(), text)
	}
	return f, b.Remarks
}

// same compares services value by value.
func same(t testing.TB, got, want *lb.Service) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	is, should := valuesOf(got), valuesOf(want)
	for _, l := range should.list {
		if now := is.text[l.Path]; now != l.Text {
			t.Errorf("service %s: %s is %s, want %s", want.Name, l.Path, now, l.Text)
		}
	}
	for _, l := range is.list {
		if _, ok := should.text[l.Path]; !ok {
			t.Errorf("service %s: %s is %s, want none", want.Name, l.Path, l.Text)
		}
	}
	if !t.Failed() {
		t.Errorf("service %s: %+v\nwant %+v", want.Name, got, want)
	}
}

// Of each bundled scenario with HAProxy as its product, what is imported from what
// was exported is the same service, unless a remark says what is not.
func TestLibraryRoundTrip(t *testing.T) {
	alike := 0
	seen := map[string]bool{}
	for _, name := range scenarios.LibraryNames() {
		source, _ := scenarios.FromLibrary(name)
		f, err := scenarios.Load(source, []scenarios.Setting{{Flag: "--set", Path: "balancer.product", Value: "haproxy"}})
		if err != nil {
			continue // it is about another product
		}
		for i := range f.Variants {
			p := &f.Variants[i]
			if p.Config.NLB != nil {
				continue
			}
			text, remarks, err := Export(&p.Config, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if seen[string(text)] {
				continue
			}
			seen[string(text)] = true
			again, _ := loaded(t, text)
			if t.Failed() {
				t.Fatalf("%s, %s", name, p.Name)
			}
			if len(remarks) > 0 {
				continue
			}
			alike++
			for k := range p.Config.Balancer.Services {
				same(t, &again.Variants[0].Config.Balancer.Services[k], &p.Config.Balancer.Services[k])
			}
			second, _, err := Export(&again.Variants[0].Config, Options{})
			if err != nil || string(second) != string(text) {
				t.Errorf("%s, %s: exported again it is\n%s\nwant\n%s", name, p.Name, second, text)
			}
		}
	}
	if alike < 20 {
		t.Errorf("only %d variants come back without a remark", alike)
	}
}
