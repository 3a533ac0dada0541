package scenarios

import (
	"fmt"
	"strings"
)

// otherNames are keys as other programs call them, or that belong elsewhere, with the
// section in which they are written.
var otherNames = []struct{ key, in, hint string }{
	{"cpus", "cluster.hosts", "write cores"},
	{"cpus", "cluster.vms", "write cores"},
	{"vcpus", "cluster.vms", "write cores"},
	{"ram", "cluster.", "write memory"},
	{"host", "cluster.vms", "write on: hv1"},
	{"class", "cluster.vms", "write classes: [PRODEX]"},
	{"AntiAffinityClassNames", "cluster.vms", "write classes"},
	{"anti_affinity", "cluster.vms", "write classes: machines that have one in common are kept apart"},
	{"preferred_owners", "cluster.vms", "write preferred"},
	{"possible_owners", "cluster.vms", "write possible"},
	{"host", "failures", "hosts and virtual machines fail by chance in cluster: {failures: ...}"},
	{"vm", "failures", "hosts and virtual machines fail by chance in cluster: {failures: ...}"},
	{"server", "cluster.failures", "servers fail by chance in a section failures of the file"},
	{"name", "dag", "the group is called dag"},
}

// otherName returns what to write in place of an unknown field, "" if nothing is
// known of it. text is what package strict says of the field.
func otherName(text string) (hint string) {
	for _, x := range otherNames {
		if strings.HasPrefix(text, fmt.Sprintf("unknown field %q in %s", x.key, x.in)) {
			hint = x.hint
		}
	}
	return hint
}
