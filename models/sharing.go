package models

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// checkSharing finds fault with services that share a persistence table and
// cannot: those with other servers, to which the records of one would mean
// nothing in the other (KEMP's port following demands the same real servers and
// the same mode), and those that tell clients by something else.
func (c Config) checkSharing() (ps []flow.Problem) {
	first := map[string]int{} // service by the name of its table
	for i := range c.Balancer.Services {
		s := &c.Balancer.Services[i]
		t, ok := s.Persistence.(lb.Tying)
		if !ok || t.Tied().Share == "" {
			continue
		}
		share := t.Tied().Share
		k, known := first[share]
		if !known {
			first[share] = i
			continue
		}
		other := &c.Balancer.Services[k]
		path := fmt.Sprintf("balancer.services[%d].persistence.share", i)
		if mine, theirs := serverNames(s), serverNames(other); !slices.Equal(mine, theirs) {
			ps = append(ps, flow.Problem{Path: path,
				Text: fmt.Sprintf("services %s and %s share the table %q, but not their servers", other.Name, s.Name, share),
				Hint: fmt.Sprintf("%s has %s, %s has %s", other.Name, strings.Join(theirs, " "), s.Name, strings.Join(mine, " "))})
		}
		if reflect.TypeOf(s.Persistence) != reflect.TypeOf(other.Persistence) {
			ps = append(ps, flow.Problem{Path: path,
				Text: fmt.Sprintf("services %s and %s share the table %q, but tell clients by different things", other.Name, s.Name, share),
				Hint: "give both the same kind of persistence"})
		}
	}
	return ps
}

// serverNames returns the names of a service's servers in order.
func serverNames(s *lb.Service) (names []string) {
	for _, m := range s.Servers {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}
