package nginxconf

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"lbsim/scenarios/convert"
)

// serverNames gives each server of the services a name; see the package's
// documentation.
func (m *importer) serverNames() map[*backend]string {
	ports := map[string]string{} // that a host has, by upstream and host
	full := map[string]bool{}    // hosts whose port belongs to the name
	for _, s := range m.services {
		for _, b := range s.servers {
			host, port := splitAddress(b.address)
			if before, again := ports[s.name+"\n"+host]; s.rings() || again && before != port {
				full[host] = true
			}
			ports[s.name+"\n"+host] = port
		}
	}
	names := map[*backend]string{}
	for _, s := range m.services {
		used, again := map[string]string{}, numbered{} // address by name
		for _, b := range s.servers {
			host, _ := splitAddress(b.address)
			name := b.name
			if address := used[name]; name == "" || address != "" && address != b.address || scenarioName(name) != name {
				name = host
				if full[host] {
					name = b.address
				}
			}
			if name = scenarioName(name); name == "" {
				name = "server"
			}
			if used[name] != b.address {
				name = again.name(name)
			}
			used[name] = b.address
			names[b] = name
		}
	}
	return names
}

// splitAddress splits a server's address into host and port; the port of one that
// says none is "".
func splitAddress(address string) (host, port string) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 || strings.HasSuffix(address, "]") || strings.HasPrefix(address, "unix:") || strings.HasPrefix(address, "/") {
		return address, ""
	}
	return address[:i], address[i+1:]
}

// members are the servers of a service.
func (m *importer) members(s *service, names map[*backend]string, standings map[string]*standing, out *convert.BalancerService) {
	place := map[string]int{}
	var merged []backend
	for _, b := range s.servers {
		if i, again := place[names[b]]; again {
			m.remark(b.at, "listed again: the weights are added")
			merged[i].weight += b.weight
			continue
		}
		place[names[b]] = len(merged)
		one := *b
		one.name = names[b]
		merged = append(merged, one)
	}
	for _, b := range merged {
		server := convert.BalancerServer{Name: b.name, Address: b.address}
		if b.address == b.name {
			server.Address = ""
		}
		set := func(key, value string) {
			server.Settings = append(server.Settings, convert.Setting{Key: key, Value: value})
		}
		weight := b.weight
		if weight > 65535 {
			m.remark(b.at, "the weight is 65535 in the simulation")
			weight = 65535
		}
		hashed := s.method != nil && (s.method.name == "hash" || s.method.name == "ip_hash")
		switch {
		case b.drain && m.fromTheStart("drain", &b, standings[b.name]):
		case b.down && hashed && m.fromTheStart("disable", &b, standings[b.name]):
		case b.down || b.drain:
			weight = 0
		}
		if weight != 1 {
			set("weight", strconv.Itoa(weight))
		}
		if b.maxConns > 0 {
			set("max_connections", strconv.Itoa(min(b.maxConns, mostCount)))
		}
		if b.backup {
			set("backup", "true")
		}
		out.Servers = append(out.Servers, server)
	}
}

// remarkNames says where names in the scenario matter: a ring hashes them, and to nginx
// a host with several addresses is several servers.
func (m *importer) remarkNames(s *service, names map[*backend]string) {
	for _, b := range s.servers {
		if s.rings() && names[b] != b.address {
			m.remark(s.method, "nginx hashes the address %s, and the simulation the name %s: other clients meet", b.address, names[b])
			break
		}
	}
	for _, b := range s.servers {
		host, _ := splitAddress(b.address)
		_, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if err != nil && !strings.HasPrefix(host, "unix:") && !strings.HasPrefix(host, "/") && !slices.Contains(b.at.args, "resolve") {
			m.remark(b.at, "if %s has several addresses, each is a server to nginx; here it is one", convert.Printable(host))
			break
		}
	}
}

// rings reports whether servers are picked by a ring of their names.
func (u *upstream) rings() bool {
	return u.method != nil && u.method.name == "hash" && len(u.method.args) > 1
}

// standing is how a server begins, in all services that have it.
type standing struct {
	down, drain bool
	differs     bool // not the same in all of them
	written     bool // in the timeline
}

// standings are those of all servers, by name.
func (m *importer) standings(names map[*backend]string) map[string]*standing {
	all := map[string]*standing{}
	for _, s := range m.services {
		for _, b := range s.servers {
			if x := all[names[b]]; x == nil {
				all[names[b]] = &standing{down: b.down, drain: b.drain}
			} else if x.down != b.down || x.drain != b.drain {
				x.differs = true
			}
		}
	}
	return all
}

// fromTheStart takes a server out or drains it when the run begins, and reports
// whether it did: the timeline does it in all services. Weight 0 takes a server out of
// one, but from a hash its place as well, which nginx keeps.
func (m *importer) fromTheStart(verb string, b *backend, x *standing) bool {
	if x.differs {
		m.remark(b.at, "weight 0, as the server is used elsewhere; nginx hashes as if it were there")
		return false
	}
	if !x.written {
		x.written = true
		m.balancer.Timeline = append(m.balancer.Timeline, fmt.Sprintf("{at: 0s, %s: %s}", verb, strconv.Quote(b.name)))
	}
	return true
}
