package haproxycfg

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/lb/sched"
	"lbsim/scenarios/convert"
)

// Import reads a configuration. The file is its name for messages, name that of the
// scenario to be. Errors are mistakes that HAProxy itself refuses, each a
// *convert.LineError, and that there is no server.
func Import(text []byte, file, name string) (*convert.Balancer, error) {
	return Release{}.Import(text, file, name)
}

// Import reads a configuration of a release, as the package's Import does.
func (v Release) Import(text []byte, file, name string) (*convert.Balancer, error) {
	r := reader{file: file, release: v}
	list, err := r.configuration(text)
	if err != nil {
		return nil, err
	}
	b := &convert.Balancer{Name: name, File: file, Product: "haproxy"}
	if r.seen(list) == lb.Transparent {
		b.Settings = append(b.Settings, convert.Setting{Key: "source", Value: string(lb.Transparent)})
	}
	for _, s := range list {
		b.Services = append(b.Services, r.balancerService(s))
	}
	b.Timeline = r.timeline(list)
	for _, p := range r.proxies {
		if l := p.stickTable; l != nil && !r.tables[l] { // it counts what clients do
			r.minor(l, "stick-table")
		}
	}
	r.aside()
	b.Remarks = r.remarks
	slices.SortStableFunc(b.Remarks, func(x, y convert.Remark) int {
		return cmp.Or(cmp.Compare(min(1, y.Line), min(1, x.Line)), cmp.Compare(x.Line, y.Line))
	})
	return b, nil
}

// configuration reads a configuration's services.
func (r *reader) configuration(text []byte) ([]*service, error) {
	if err := r.read(text); err != nil {
		return nil, err
	}
	list := r.services()
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: error: no listen or backend has a server: is this a configuration of HAProxy?", r.file)
	}
	r.called = r.names(list)
	r.unshare(list)
	return list, nil
}

// unshare takes tables from services that a scenario cannot let share them: those
// with other servers, or another kind of persistence, than the first.
func (r *reader) unshare(list []*service) {
	first := map[string]*service{}
	for _, s := range list {
		t, ok := s.Persistence.(lb.Tying)
		if !ok || t.Tied().Share == "" {
			continue
		}
		share := t.Tied().Share
		other := first[share]
		switch {
		case other == nil:
			first[share] = s
		case !slices.Equal(r.machines(s), r.machines(other)) || reflect.TypeOf(s.Persistence) != reflect.TypeOf(other.Persistence):
			t.Tied().Share = ""
			r.remark(s.proxy.sticks[0], "has a table of its own: %s has other servers, or goes by something else", other.Name)
		}
	}
}

// machines are the names of a service's servers in order.
func (r *reader) machines(s *service) (names []string) {
	for _, o := range s.proxy.servers {
		names = append(names, r.called[o])
	}
	slices.Sort(names)
	return names
}

// names gives servers names. The same name in several sections is the same machine,
// unless the addresses are different.
func (r *reader) names(list []*service) map[*server]string {
	names, hosts, machines := map[*server]string{}, map[string]string{}, map[string]*server{}
	for _, s := range list {
		for _, o := range s.proxy.servers {
			name := o.name
			if host, used := hosts[name]; used && host != o.host {
				for name = s.Name + "-" + o.name; hosts[name] != "" && hosts[name] != o.host; {
					name += "-2"
				}
				r.remark(o.line, "another server has this name: in the scenario it is %s", name)
			}
			hosts[name], names[o] = o.host, name
			switch other := machines[o.host]; {
			case other == nil:
				machines[o.host] = o
			case other.line == o.line:
				r.remark(o.line, "its servers have one address: in the scenario each is a machine")
			case names[other] != name:
				r.remark(o.line, "has the address of %s: in the scenario they are two machines", names[other])
			}
		}
	}
	return names
}

func (r *reader) balancerService(s *service) convert.BalancerService {
	out := convert.BalancerService{Name: s.Name, Settings: s.settings(), Keys: s.keys()}
	for _, o := range s.proxy.servers {
		one := convert.BalancerServer{Name: r.called[o], Address: o.address}
		add := func(key, value string) { one.Settings = append(one.Settings, convert.Setting{Key: key, Value: value}) }
		if o.weight != 1 {
			add("weight", strconv.Itoa(o.weight))
		}
		if o.limit > 0 {
			add("max_connections", strconv.Itoa(o.limit))
		}
		if o.backup {
			add("backup", "true")
		}
		out.Servers = append(out.Servers, one)
	}
	return out
}

// keys are what requests must have for the service's algorithm and persistence.
func (s *service) keys() (keys []string) {
	if s.key != "" {
		keys = append(keys, s.key)
	}
	p := s.Scheduler
	if g, ok := p.(*sched.Priority); ok {
		p = g.Within
	}
	if k, ok := p.(interface{ Key() string }); ok && k.Key() != s.key {
		keys = append(keys, k.Key())
	}
	return keys
}

// timeline takes servers that are disabled out of service at the start.
func (r *reader) timeline(list []*service) (entries []string) {
	for _, s := range list {
		for _, o := range s.proxy.servers {
			entry := "{at: 0s, disable: " + strconv.Quote(r.called[o]) + "}"
			if o.disabled && !slices.Contains(entries, entry) {
				entries = append(entries, entry)
			}
		}
	}
	return entries
}

// general says what becomes of the configuration as a whole.
func (r *reader) general(why string, args ...any) {
	r.remarks = append(r.remarks, convert.Remark{Why: fmt.Sprintf(why, args...)})
}

// aside tells, in one remark, of the lines that do not bear on which server has what.
func (r *reader) aside() {
	if r.untold > 0 {
		r.general("of %d more lines what becomes of them is not told", r.untold)
	}
	if len(r.without) == 0 {
		return
	}
	numbers := slices.Compact(slices.Sorted(slices.Values(r.without)))
	var spans []string
	for i := 0; i < len(numbers); {
		n := i
		for n+1 < len(numbers) && numbers[n+1] == numbers[n]+1 {
			n++
		}
		span := strconv.Itoa(numbers[i])
		if n > i {
			span += "-" + strconv.Itoa(numbers[n])
		}
		spans, i = append(spans, span), n+1
	}
	const most = 20
	more := ""
	if len(spans) > most {
		more = fmt.Sprintf(" and %d more", len(spans)-most)
		spans = spans[:most]
	}
	word := "lines"
	if len(numbers) == 1 {
		word = "line"
	}
	r.general("not read, as they do not decide who serves what (logs, headers, certificates, limits of the machine and the like): %s %s%s", word, strings.Join(spans, ", "), more)
}
