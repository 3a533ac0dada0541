package haproxycfg

import (
	"testing"

	"lbsim/scenarios"
)

// Whatever the product, what is written for any variant of a bundled scenario is
// accepted by HAProxy without a warning.
func TestLibraryIsAccepted(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range scenarios.LibraryNames() {
		source, _ := scenarios.FromLibrary(name)
		f := load(t, source)
		for i := range f.Variants {
			p := &f.Variants[i]
			text, _, err := Export(&p.Config, Options{})
			if err != nil {
				if p.Config.NLB == nil {
					t.Errorf("%s, %s: %v", name, p.Name, err)
				}
				continue
			}
			if seen[string(text)] {
				continue
			}
			seen[string(text)] = true
			if refused, said := check(t, text); refused || said != "" {
				t.Errorf("%s, %s: %s\n%s", name, p.Name, said, text)
			}
		}
	}
}
