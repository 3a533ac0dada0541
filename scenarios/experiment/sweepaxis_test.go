package experiment

import (
	"strings"
	"testing"
)

func TestParseAxis(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"servers.s1.cores=1..4", "[1, 2, 3, 4]"},
		{"a=0.1..0.5..0.2", "[0.1, 0.3, 0.5]"},
		{"a=0.1..0.9..0.1", "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]"},
		{"a=10ms..50ms..20ms", "[10ms, 30ms, 50ms]"},
		{"a=10..25..10", "[10, 20]"},
		{"a=100/s..300/s..100/s", "[100/s, 200/s, 300/s]"},
		{"a=1..64..x4", "[1, 4, 16, 64]"},
		{"a=0.001..1..x10", "[0.001, 0.01, 0.1, 1]"},
		{"a=-2..1", "[-2, -1, 0, 1]"},
		{"a=[none, {kind: linear, time: 60s}, 'x, y']", "[none, {kind: linear, time: 60s}, 'x, y']"},
		{"a=5%..15%..5%", "[5%, 10%, 15%]"},
	} {
		a, err := ParseAxis(c.text, false)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := a.label(); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"a", "write path=1..10"},
		{"=1..2", "write path=1..10"},
		{"a=5", "neither a range nor a list"},
		{"a=1..", "is not a number"},
		{"a=1..2..3..4", "too many dots"},
		{"a=3..1", "ends before it begins"},
		{"a=1ms..2s", "different units"},
		{"a=1s..9s..500ms", "different units"},
		{"a=0.1..0.9", "needs a step"},
		{"a=1..9..0", "not above 0"},
		{"a=1..9..x1", "factor x1"},
		{"a=0..9..x2", "factor x2"},
		{"a=1..1000000", "more than 10000 values"},
		{"a=[1, 2", "not closed"},
		{"a=[1, , 2]", "is missing"},
		{"a=[]", "is missing"},
		{"a=[1, 2, 1]", "1 is there twice"},
		{"a=[1] 2", "too much after the list"},
		{"seed=1..9", "the same for all points"},
		{"variants.a.set=[1, 2]", "the same for all points"},
	} {
		if a, err := ParseAxis(c.text, false); err == nil {
			t.Errorf("%s: %v, want an error", c.text, a.Values)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", c.text, err, c.want)
		}
	}
}

// In a Latin hypercube of n points, each n-th part of each axis has one.
func TestHypercube(t *testing.T) {
	var axes []Axis
	for _, text := range []string{"a=0..1000", "b=1s..11s", "c=[x, y, z, w]", "d=0.25..0.75"} {
		a, err := ParseAxis(text, true)
		if err != nil {
			t.Fatal(err)
		}
		axes = append(axes, a)
	}
	points := hypercube(axes, 20, 7)
	tenths, letters := map[string]int{}, map[string]int{}
	for _, p := range points {
		v, unit, _, err := parseQuantity(p[1])
		if err != nil || unit != "s" {
			t.Fatalf("%s is not a number of seconds", p[1])
		}
		tenths[written((v-1)/0.5-0.5, 0)]++
		letters[p[2]]++
	}
	for part, n := range tenths {
		if n > 2 { // rounded to four digits, a value may fall into the next part
			t.Errorf("part %s has %d points", part, n)
		}
	}
	for _, x := range []string{"x", "y", "z", "w"} {
		if letters[x] != 5 {
			t.Errorf("%s comes %d times, not 5", x, letters[x])
		}
	}
	if again := hypercube(axes[1:2], 20, 7); again[3][0] != points[3][1] {
		t.Error("what an axis gets depends on the others")
	}
	if other := hypercube(axes, 20, 8); other[0][0] == points[0][0] && other[1][0] == points[1][0] {
		t.Error("another seed gives the same sample")
	}
}
