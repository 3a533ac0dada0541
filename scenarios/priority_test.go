package scenarios

import (
	"strings"
	"testing"

	"lbsim/models/cluster"
)

// TestPrioritiesHaveWords: the priorities of a Windows failover cluster are High 3000,
// Medium 2000, Low 1000 and NoAutoStart 0, in words or numbers; shown are the words.
func TestPrioritiesHaveWords(t *testing.T) {
	load := func(priority string) (*File, error) {
		return Load(Source{Name: "x.yaml", Text: []byte("name: x\nduration: 1h\ncluster:\n  platform: wsfc\n" +
			"  hosts: [{name: hv1, cores: 4, memory: 8GB}]\n  vms: [{name: a, priority: " + priority + "}]\n")}, nil)
	}
	for _, x := range []struct {
		written string
		number  cluster.Priority
		shown   string
	}{
		{"high", 3000, "high"}, {"medium", 2000, "medium"}, {"low", 1000, "low"}, {"no-auto-start", 0, "no-auto-start"},
		{"3000", 3000, "high"}, {"0", 0, "no-auto-start"}, {"2500", 2500, "2500"},
	} {
		f, err := load(x.written)
		if err != nil {
			t.Errorf("%s: %v", x.written, err)
			continue
		}
		if got := f.Variants[0].Config.Cluster.VMs[0].Priority; got != x.number {
			t.Errorf("%s is %d, want %d", x.written, got, x.number)
		}
		shown, err := f.Show()
		if err != nil || !strings.Contains(string(shown), "priority: "+x.shown) {
			t.Errorf("%s: error %v, want it shown as %q in\n%s", x.written, err, x.shown, shown)
		}
	}
	for _, x := range []struct{ written, want string }{
		{"hgih", `priority: "hgih" is no priority`}, {"hgih", "did you mean high?"}, {"No Auto Start", "did you mean no-auto-start?"},
		{"urgent", "write high (3000), medium (2000), low (1000), no-auto-start (0) or another whole number up to 1000000"},
		{"-1", "-1 is not between 0 and 1000000"}, {"1e3", "is no priority"}, {"[high]", "a list"},
	} {
		if _, err := load(x.written); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %s", x.written, err, x.want)
		}
	}
}
