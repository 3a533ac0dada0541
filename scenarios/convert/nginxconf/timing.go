package nginxconf

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// timing is how servers are tried: what must be the same wherever an upstream is
// passed to.
type timing struct {
	connect     time.Duration
	tries       int // other servers; -1: all
	statuses    bool
	transparent bool
	check       *directive
}

// nextWords are what proxy_next_upstream may list in http.
var nextWords = []string{
	"error", "timeout", "denied", "invalid_header", "invalid_response", "not_found", "updating", "off", "non_idempotent",
	"http_403", "http_404", "http_429", "http_500", "http_502", "http_503", "http_504",
}

// timing looks up what holds for a service.
func (m *importer) timing(s *service) (t timing, err error) {
	t = timing{connect: time.Minute, tries: -1}
	if d := s.scope.find(s.prefix + "_connect_timeout"); d != nil {
		if t.connect, err = d.time(d.name, d.args[0], true); err != nil {
			return t, err
		}
		if most := time.Hour; t.connect > most || t.connect <= 0 {
			m.remark(d, "between 1ms and 1h in the simulation")
			t.connect = min(max(t.connect, time.Millisecond), most)
		}
	}
	if d := s.scope.find(s.prefix + "_next_upstream_tries"); d != nil {
		n, err := d.number(d.name, d.args[0], 0)
		if err != nil {
			return t, err
		}
		t.tries = n - 1 // 0 is no limit
	}
	if d := s.scope.find(s.prefix + "_next_upstream"); d != nil {
		if err := m.next(d, s, &t); err != nil {
			return t, err
		}
	}
	if d := s.scope.find("proxy_bind"); d != nil && d.args[0] != "off" {
		t.transparent = d.args[0] == "$remote_addr" && slices.Contains(d.args, "transparent")
		if !t.transparent {
			m.remark(d, "servers see one address of the balancer")
		}
	}
	t.check = s.scope.find("health_check")
	return t, nil
}

// next reads when the next server is tried.
func (m *importer) next(d *directive, s *service, t *timing) error {
	if s.stream {
		if strings.EqualFold(d.args[0], "off") {
			t.tries = 0
		}
		return nil
	}
	for _, word := range d.args {
		switch {
		case !slices.Contains(nextWords, word):
			return d.fail("it knows "+strings.Join(nextWords, " "), "%s is no reason to try the next server", shownName(word))
		case word == "off":
			t.tries = 0
		case strings.HasPrefix(word, "http_5"):
			t.statuses = true
		case strings.HasPrefix(word, "http_4") || word == "non_idempotent" || word == "invalid_header":
			m.remark(d, "%s: in the simulation only failed connections are tried elsewhere, and answers that are errors counted", word)
		}
	}
	if !slices.Contains(d.args, "error") && !slices.Contains(d.args, "off") {
		m.remark(d, "without error: in the simulation failed connections are tried elsewhere")
	}
	return nil
}

// healthCheck returns the keys of an active check, those that it has in the order of
// a scenario's.
func (m *importer) healthCheck(s *service, d *directive) (text string, err error) {
	every, counts, delay, start := 5*time.Second, map[string]string{}, "", ""
	for _, arg := range d.args {
		word, value, _ := strings.Cut(arg, "=")
		switch word {
		case "interval", "jitter":
			t, err := d.time(word, value, true)
			if err != nil {
				return "", err
			}
			if t > 24*time.Hour || word == "interval" && t < time.Millisecond {
				m.remark(d, "%s is between 1ms and 24h in the simulation", word)
				t = min(max(t, time.Millisecond), 24*time.Hour)
			}
			if word == "interval" {
				every = t
			} else {
				delay = ", delay: " + duration(t)
			}
		case "fails", "passes":
			n, err := d.number(word, value, 1)
			if err != nil {
				return "", err
			}
			key := map[string]string{"fails": "fall", "passes": "rise"}[word]
			counts[word] = ", " + key + ": " + strconv.Itoa(min(n, 10000))
		case "mandatory":
			start = ", start: checking"
		default:
			m.remark(d, "%s has no counterpart", word)
		}
	}
	kind, timeout := "http", ""
	if s.stream {
		kind = "tcp"
	}
	if least := 2 * time.Second; every < least { // the time that a probe may take otherwise
		timeout = ", timeout: " + duration(every)
	}
	return "kind: " + kind + ", every: " + duration(every) + timeout + counts["fails"] + counts["passes"] + delay + start, nil
}
