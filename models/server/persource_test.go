package server

import "testing"

// What one source may have, by the connections of others; the rows are of a fact
// sheet on Exchange.
func TestLimitOfASource(t *testing.T) {
	p := &PerSource{}
	p.SetDefaults()
	for _, c := range []struct {
		name         string
		others, want int
	}{
		{"S2: nobody else", 0, 20}, {"the share begins to tell", 4000, 20}, {"just below", 4001, 19}, {"S4", 4100, 18},
		{"one left", 4950, 1}, {"none left", 4951, 0}, {"S5", 4960, 0}, {"full", 5000, 0},
	} {
		if got := p.limit(c.others); got != c.want {
			t.Errorf("%s: %d beside %d others, want %d", c.name, got, c.others, c.want)
		}
	}
}
