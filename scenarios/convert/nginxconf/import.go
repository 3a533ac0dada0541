package nginxconf

import (
	"fmt"
	"slices"

	"lbsim/scenarios/convert"
)

// Import reads a configuration into what a scenario can say of it. file is its name
// for messages, name that of the scenario. Files that it includes are not read, which
// a remark says. The error names the place of what nginx would refuse, or says that
// nothing is balanced.
func Import(text []byte, file, name string) (*convert.Balancer, error) {
	return ImportWith(nil, text, file, name)
}

// ImportWith is Import with the files that are included; nil leaves them out.
func ImportWith(read Include, text []byte, file, name string) (*convert.Balancer, error) {
	if err := notHAProxy(text, file); err != nil {
		return nil, err
	}
	in := includer{read: read}
	list, err := parse(file, text, &in.count)
	if err != nil {
		return nil, err
	}
	if list, err = in.expand(list, 0); err != nil {
		return nil, err
	}
	if err := check(list, inMain); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(list, func(d *directive) bool { return d.name == "events" }) {
		return nil, fmt.Errorf("%s: error: there is no events { }, which nginx wants even if it is empty", file)
	}
	m := importer{
		file: file, balancer: &convert.Balancer{Name: name, File: file, Product: "nginx"}, workers: 1,
		byName: map[upstreamKey]*upstream{}, remarked: map[convert.Remark]bool{},
	}
	if err := m.main(list); err != nil {
		return nil, err
	}
	if len(m.services) == 0 {
		hint := ""
		if slices.ContainsFunc(m.balancer.Remarks, func(r convert.Remark) bool { return r.Why == notRead }) {
			hint = "; what it includes was not read: --include reads it"
		}
		return nil, fmt.Errorf("%s: error: nothing here passes connections or requests on: there is no proxy_pass or the like%s", file, hint)
	}
	if err := m.convert(); err != nil {
		return nil, err
	}
	m.summarize()
	return m.balancer, nil
}

// notHAProxy refuses a configuration of HAProxy by the word with which it begins: what
// is wrong with it as one of nginx would explain nothing.
func notHAProxy(text []byte, file string) error {
	l := lexer{file: file, text: text, line: 1}
	if first, err := l.next(); err == nil && slices.Contains([]string{"global", "defaults", "frontend", "backend"}, first.word) {
		return l.fail(first, "lbsim import haproxy reads those of HAProxy", "%s is no directive", shownName(first.word))
	}
	return nil
}

// importer is a configuration that is being read into a scenario.
type importer struct {
	file      string
	balancer  *convert.Balancer
	workers   int // processes; 0: auto
	process   *directive
	upstreams []*upstream
	byName    map[upstreamKey]*upstream
	services  []*service
	uses      int       // how often something is passed on
	rest      []leftOut // what does not matter here
	remarked  map[convert.Remark]bool
}

// main reads the main part.
func (m *importer) main(list []*directive) error {
	top := &scope{}
	for _, d := range list {
		switch d.name {
		case "http", "stream":
			if err := m.proxies(d, top); err != nil {
				return err
			}
		case "mail":
			m.remark(d, "mail proxies are not balanced")
		case "worker_processes":
			m.process = d
			m.workers = 0
			if d.args[0] != "auto" {
				n, err := d.number("the number of processes", d.args[0], 1)
				if err != nil {
					return err
				}
				m.workers = n
			}
		default:
			m.note(d)
		}
	}
	return nil
}

// proxies reads http or stream: upstreams and maps first, which may stand behind the
// servers that use them.
func (m *importer) proxies(d *directive, top *scope) error {
	s := &scope{block: d, outer: top, stream: d.name == "stream", maps: map[string][]string{}}
	for _, one := range d.block {
		switch {
		case one.name == "upstream":
			if err := m.upstream(one, s); err != nil {
				return err
			}
		case (one.name == "map" || one.name == "split_clients") && len(one.args) == 2:
			for _, row := range one.block {
				if len(row.args) == 1 {
					s.maps[one.args[1]] = append(s.maps[one.args[1]], row.args[0])
				}
			}
		}
	}
	for _, one := range d.block {
		switch one.name {
		case "server":
			if err := m.server(one, s); err != nil {
				return err
			}
		case "upstream":
		default:
			m.note(one)
		}
	}
	return nil
}
