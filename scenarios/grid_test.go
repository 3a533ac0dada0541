package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lbsim/models/lb/persist"
	"lbsim/scenarios/strict"
)

// gridText is a scenario with variants, and lines that follow them.
func gridText(variants, more string) string {
	return `name: grid
duration: 10m
traffic: [{name: web, from: [desks], arrivals: {kind: poisson, rate: 1/s}, demand: 5ms}]
sites: [{name: desks, clients: 100}]
balancer: {services: [{name: www, servers: ["s[1-2]"]}]}
servers: [{names: "s[1-4]"}]
variants:
` + variants + "\n" + more + "\n"
}

const modeAndServers = `
  mode: [{name: none}, {name: source-ip, set: {balancer.services.www.persistence: source-ip}}, {name: cookie, set: {balancer.services.www.persistence: cookie-insert}}]
  servers: [{name: 2 servers}, {name: 4 servers, set: {balancer.services.www.servers: ["s[1-4]"]}}]`

func loadText(t *testing.T, text string) *File {
	t.Helper()
	f, err := Load(Source{Name: "grid.yaml", Text: []byte(text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGridIsEveryCombination wants all combinations, the first axis slowest, each
// with the changes of both its values and compared with the first mode on as many
// servers.
func TestGridIsEveryCombination(t *testing.T) {
	f := loadText(t, gridText(modeAndServers, ""))
	var got []string
	for _, p := range f.Variants {
		s := &p.Config.Balancer.Services[0]
		got = append(got, fmt.Sprintf("%s | %s | %q | %T %d", p.Name, p.Against, p.At, s.Persistence, len(s.Servers)))
	}
	want := []string{
		`none, 2 servers |  | ["none" "2 servers"] | persist.None 2`,
		`none, 4 servers |  | ["none" "4 servers"] | persist.None 4`,
		`source-ip, 2 servers | none, 2 servers | ["source-ip" "2 servers"] | *persist.SourceIP 2`,
		`source-ip, 4 servers | none, 4 servers | ["source-ip" "4 servers"] | *persist.SourceIP 4`,
		`cookie, 2 servers | none, 2 servers | ["cookie" "2 servers"] | *persist.CookieInsert 2`,
		`cookie, 4 servers | none, 4 servers | ["cookie" "4 servers"] | *persist.CookieInsert 4`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestGridComparedWithAnother compares along the first axis with the value that
// against names, or not at all.
func TestGridComparedWithAnother(t *testing.T) {
	f := loadText(t, gridText(`
  mode: [{name: a}, {name: b, against: none}, {name: c, against: b}]
  size: [{name: 1}, {name: 2}]`, ""))
	var got []string
	for _, p := range f.Variants {
		got = append(got, p.Against)
	}
	if want := []string{"", "", "", "", "b, 1", "b, 2"}; !slices.Equal(got, want) {
		t.Errorf("compared with %q, want %q", got, want)
	}
}

// TestGridMistakes reports what is wrong with axes at its place.
func TestGridMistakes(t *testing.T) {
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("{name: v%d}", i))
	}
	values := strings.Join(many, ", ")
	for _, c := range []struct{ name, variants, more, want string }{
		{"one path, two axes", `
  mode: [{name: none, set: {balancer.services.www.persistence: none}}]
  other: [{name: cookie, set: {"balancer.services[0].persistence": cookie-insert}}]`, "",
			"axes mode and other both set balancer.services[0].persistence"},
		{"a later axis undoes part of an earlier one", `
  time: [{name: short, set: {sites.desks.nat.addresses: 5}}]
  nat: [{name: none, set: {sites.desks.nat: {addresses: 2}}}]`, "", "axes time and nat both set sites.desks.nat"},
		{"no values", "  mode: []", "", "variants.mode: the axis has no values"},
		{"same value twice", "  mode: [{name: a}, {name: a}]", "", `variant "a" exists already`},
		{"same name twice", "  a: [{name: \"x, y\"}, {name: x}]\n  b: [{name: z}, {name: \"y, z\"}]", "", `two combinations are called "x, y, z"`},
		{"no name", "  mode: [{set: {}}]", "", "the variant has no name"},
		{"compared with a later one", "  mode: [{name: a, against: b}, {name: b}]", "", `"b" is not an earlier variant`},
		{"compared along the second axis", "  mode: [{name: a}]\n  size: [{name: b}, {name: c, against: b}]", "", "variants are compared along the first axis, mode"},
		{"too many", "  a: [" + values + "]\n  b: [" + values + "]", "", "the axes have more than 1000 combinations"},
		{"what is common", "  mode: [{name: a, set: {session.idle: 5m}}]", "", "session is the same for all variants"},
		{"unknown value", modeAndServers, "expect: [{metric: rejected_share, below: 1%, in: [source-it]}]", `variant "source-it" does not exist`},
		{"value of two axes", "  mode: [{name: none}]\n  nat: [{name: none}]", "expect: [{metric: rejected_share, below: 1%, in: [none]}]", `"none" is a value of mode and of nat`},
		{"unknown metric", modeAndServers, "tables: [imbalanse.cov]", `"imbalanse.cov" is not a metric`},
		{"metric twice", modeAndServers, "tables: [imbalance.cov, imbalance.cov]", "there is a table of imbalance.cov already"},
		{"a word", "  mode: source-ip", "", "a list is expected"},
		{"no session", modeAndServers, "session: {idle: 0s}", "session.idle: 0s is not between 1us and 10 years"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(Source{Name: "grid.yaml", Text: []byte(gridText(c.variants, c.more))}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant %s", err, c.want)
			}
		})
	}
}

// TestExpectationsOfValues holds every combination with a value to an
// expectation.
func TestExpectationsOfValues(t *testing.T) {
	f := loadText(t, gridText(modeAndServers, "expect: [{metric: rejected_share, below: 1%, in: [source-ip, \"none, 4 servers\"]}]"))
	var got []string
	for i := range f.Variants {
		if f.Variants[i].In(f.Scenario.Expect[0].In) {
			got = append(got, f.Variants[i].Name)
		}
	}
	if want := []string{"none, 4 servers", "source-ip, 2 servers", "source-ip, 4 servers"}; !slices.Equal(got, want) {
		t.Errorf("holds %q, want %q", got, want)
	}
}

// TestWarningsNameValues says of a warning that holds for all combinations with
// some values which these are.
func TestWarningsNameValues(t *testing.T) {
	f := loadText(t, gridText(`
  hash: [{name: turns}, {name: URL, set: {balancer.services.www.scheduler: url-hash}}]
  servers: [{name: 2 servers}, {name: 4 servers, set: {balancer.services.www.servers: ["s[1-4]"]}}]`, ""))
	if len(f.Warnings) != 1 || !strings.HasPrefix(f.Warnings[0].Text, "variants with URL: ") {
		t.Error(f.Warnings)
	}
}

// TestShownGridIsTheSame shows grids that mean the same when read again: as a
// grid, also where one axis changes the product, and as a list where no axis
// alone can say what a combination of them means.
func TestShownGridIsTheSame(t *testing.T) {
	for _, c := range []struct {
		name, variants string
		list           bool
	}{
		{"plain", modeAndServers, false},
		{"products", `
  product: [{name: kemp, set: {balancer.product: kemp}}, {name: haproxy, set: {balancer.product: haproxy}}, {name: envoy, set: {balancer.product: envoy}}]
  nat: [{name: no NAT}, {name: 5 groups, set: {sites.desks.nat: {addresses: 5}}}]`, false},
		{"kind alone", `
  nat: [{name: no NAT}, {name: 5 groups, set: {sites.desks.nat: {addresses: 5}}}]
  scheduler: [{name: turns}, {name: fewest, set: {balancer.services.www.scheduler.kind: least-connections}}]`, false},
		{"products with weights of their own", `
  product: [{name: kemp, set: {balancer.product: kemp}}, {name: haproxy, set: {balancer.product: haproxy}}]
  servers: [{name: 2 servers}, {name: 4 servers, set: {balancer.services.www.servers: ["s[1-4]"]}}]`, true},
		{"products and what depends on them", `
  product: [{name: none}, {name: nginx, set: {balancer.product: nginx}}, {name: ipvs, set: {balancer.product: ipvs}}]
  scheduler: [{name: turns}, {name: fewest, set: {balancer.services.www.scheduler.kind: least-connections}}]`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := loadText(t, gridText(c.variants, ""))
			shown, err := file.Show()
			if err != nil {
				t.Fatal(err)
			}
			again := loadText(t, string(shown))
			if list := len(again.Scenario.Variants.Axes) == 0; list != c.list {
				t.Errorf("shown as a list: %v\n%s", list, shown)
			}
			for i := range file.Variants {
				a, b := &file.Variants[i], &again.Variants[i]
				if a.Name != b.Name || a.Against != b.Against || !reflect.DeepEqual(leaves(t, a.Scenario), leaves(t, b.Scenario)) {
					t.Errorf("variant %s is\n%v\nand shown\n%v", a.Name, leaves(t, a.Scenario), leaves(t, b.Scenario))
				}
			}
		})
	}
}

// TestExplainedCombination says of a combination's values that they come from the
// variant, whichever axis they are of.
func TestExplainedCombination(t *testing.T) {
	f := loadText(t, gridText(modeAndServers, ""))
	x, ok := f.Explain("source-ip, 4 servers")
	if !ok {
		t.Fatal("there is no such variant")
	}
	want := map[string]Origin{
		"balancer.services.www.persistence.kind": ByVariant, "balancer.services.www.servers.s[1-4].name": ByVariant, "balancer.services.www.scheduler.kind": ByDefault,
	}
	for _, v := range x.Values {
		if origin, ok := want[v.Path]; ok && v.Origin != origin {
			t.Errorf("%s comes from %s, want %s", v.Path, v.Origin, origin)
		}
		delete(want, v.Path)
	}
	if _, ok := f.Explain("source-ip"); ok {
		t.Error("a value of an axis is explained")
	}
	if len(want) > 1 { // how a server that is a word is called may vary
		t.Errorf("not explained: %v", want)
	}
}

// TestSchemaOfVariants describes a list and a grid.
func TestSchemaOfVariants(t *testing.T) {
	schema := string(Schema())
	_, rest, _ := strings.Cut(schema, `"variants": {`)
	if rest, _, _ = strings.Cut(rest, `"expect": {`); !strings.Contains(rest, `"anyOf"`) || !strings.Contains(rest, `"additionalProperties": {`) {
		t.Errorf("variants are %s", rest)
	}
}

// TestAllModesAreCompared wants every persistence mode in the scenario that
// compares them.
func TestAllModesAreCompared(t *testing.T) {
	src, ok := FromLibrary("persistence-modes")
	if !ok {
		t.Fatal("there is no such scenario")
	}
	doc, _ := strict.Parse(src.Name, src.Text)
	var s Scenario
	doc.Decode(&s, Policies)
	if got, want := s.Variants.Axes[0].Names(), persist.Table.Names(); !sameNames(got, want) {
		t.Errorf("compared are %v, and there are %v", got, want)
	}
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
