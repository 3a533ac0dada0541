package haproxycfg

import (
	"math"
	"strconv"
	"strings"

	"lbsim/models/lb"
	"lbsim/models/lb/sched"
)

// scheduler writes the lines of a service's algorithm. For one that HAProxy does not
// have it is the one that comes nearest.
func (x *exporter) scheduler(s *lb.Service) {
	p := s.Scheduler
	if backups, ok := p.(*sched.Priority); ok {
		p = backups.Within
		if backups.AllBackups {
			x.line("option allbackups")
		}
	}
	switch p := p.(type) {
	case *sched.StaticRoundRobin:
		x.line("balance", "static-rr")
	case *sched.Random:
		x.line("balance", "random("+strconv.Itoa(max(1, p.Choices))+")")
	case *sched.TwoChoices, *sched.Aperture:
		x.line("balance", "random(2)")
	case *sched.LeastConnections, *sched.ShortestExpectedDelay, *sched.NeverQueue, *sched.JoinIdleQueue,
		*sched.LeastResponseTime, *sched.PeakEWMA, *sched.Prequal:
		x.line("balance", "leastconn")
	case *sched.First, *sched.Fixed:
		x.line("balance", "first")
	case *sched.SourceHash:
		x.line("balance", "source")
		x.hashType(&p.Hashing, p.Hash)
	case *sched.IPHash:
		x.line("balance", "source")
	case *sched.URLHash:
		x.line("balance", "uri", "whole")
		x.hashType(&p.Hashing, p.Hash)
	case *sched.HeaderHash:
		switch {
		case p.Header == loginName && modeOf(s) == lb.TCP:
			x.line("balance", "rdp-cookie("+loginName+")")
		case isHeader(p.Header):
			x.line("balance", "hdr("+p.Header+")")
		default:
			x.line("balance", "roundrobin")
			return
		}
		x.hashType(&p.Hashing, p.Hash)
	default:
		x.line("balance", "roundrobin")
	}
}

// hashType writes how a hash leads to a server. The table map, and the hash that
// goes with a table, need no words.
func (x *exporter) hashType(h *sched.Hashing, hash string) {
	method := "map-based"
	if h.Table != "map" && h.Table != "" {
		method = "consistent"
	}
	words := []string{method}
	switch function, avalanche := strings.CutSuffix(hash, "-avalanche"); function {
	case "sdbm", "djb2", "wt6", "crc32":
		words = append(words, function)
		if avalanche {
			words = append(words, "avalanche")
		}
	case "address": // of source addresses, which no function hashes
		words = append(words, "sdbm")
	case "avalanche":
		words = append(words, "sdbm", "avalanche")
	}
	if len(words) > 1 || method == "consistent" {
		x.line("hash-type", words...)
	}
	if h.LoadBound > 0 && method == "consistent" {
		x.line("hash-balance-factor", strconv.Itoa(int(math.Round(100*h.LoadBound))))
	}
}

// loginName is what Remote Desktop calls the login name in its first message, which
// HAProxy looks into in mode tcp.
const loginName = "mstshash"

// isHeader reports whether a word can stand in brackets as the name of a header.
func isHeader(name string) bool {
	return name != "" && len(name) <= maxHeader && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

const maxHeader = 100
