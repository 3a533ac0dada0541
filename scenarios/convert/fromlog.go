package convert

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Options adjust what FromLog writes.
type Options struct {
	Name    string // of the scenario; "" takes it from the log's file name
	Trace   string // file name of the trace; "" means Name + ".csv"
	Servers []int  // numbers of servers to compare; none means 4 and 8
}

// DefaultServers are the numbers of servers that an imported log is replayed
// against.
var DefaultServers = []int{4, 8}

//go:embed fromlog.yaml.tmpl
var scenarioText string

var scenarioTemplate = template.Must(template.New("scenario").Parse(scenarioText))

// FromLog makes a scenario that replays the log under several kinds of
// persistence, each on several numbers of servers, and the trace that it
// replays, to be written beside it under the name that the scenario gives. The
// scenario is text for people: its comments say what the log says and what is
// an assumption. Nothing in it is random.
//
// In the trace each client has a number in order of first appearance, each
// request is a connection, held as long as the log says it took. The log must
// have at least one entry, as every log from ReadLog has.
func FromLog(l *Log, opt Options) (scenarioYAML []byte, trace *Trace) {
	name := opt.Name
	if name == "" {
		name = l.Name
	}
	name = ScenarioName(name)
	file := opt.Trace
	if file == "" {
		file = name + ".csv"
	}
	servers := opt.Servers
	if len(servers) == 0 {
		servers = DefaultServers
	}
	trace = l.trace(file)
	load, busiest := l.PerAddress(), l.busiestMinute()
	demand := assumedDemand(busiest, slices.Min(servers))
	var b bytes.Buffer
	err := scenarioTemplate.Execute(&b, map[string]any{
		"Name": yamlText(name), "Trace": yamlText(file), "Source": printable([]byte(baseName(l.Name))),
		"Format": l.Format, "Requests": len(l.Entries), "Clients": len(trace.Clients), "Addresses": load.N,
		"First": stampText(l.First), "Span": spanText(l.Span()),
		"Minutes":   int64(l.Span()/time.Minute) + 1, // so that the last arrival lies inside
		"Malformed": l.Malformed, "LeftOut": l.Sockets + l.Answered, "Warnings": l.Warnings, "HasTimes": l.HasTimes(),
		"PerSecond": fmt.Sprintf("%.3g", float64(len(l.Entries))/max(l.Span().Seconds(), 1)), "Busiest": busiest,
		"Median": load.P50, "Largest": load.Max, "Top10": fmt.Sprintf("%.1f", 100*load.Top10),
		"Demand": demand, "Cores": fmt.Sprintf("%.2g", float64(busiest)/60*demand.Seconds()),
		"CoresEach": coresEach, "Pool": pool(slices.Max(servers)), "First1": pool(servers[0]),
		"Variants": variants(servers), "Behind": hasBehind(l), "WholeSeconds": wholeSeconds(l),
	})
	if err != nil {
		panic("convert: scenario template: " + err.Error()) // its fields are all given above
	}
	return b.Bytes(), trace
}

func hasBehind(l *Log) bool {
	return slices.ContainsFunc(l.Clients, func(c Client) bool { return c.Behind.IsValid() })
}

// wholeSeconds reports whether all times are whole seconds after the first.
func wholeSeconds(l *Log) bool {
	return !slices.ContainsFunc(l.Entries, func(e Entry) bool { return e.At%time.Second != 0 })
}

// pool names so many servers.
func pool(servers int) string {
	if servers == 1 {
		return "web1"
	}
	return fmt.Sprintf("web[1-%d]", servers)
}

// A variant is a line of the scenario.
type variant struct{ Name, Set string }

// variants are the modes on each number of servers. The scenario itself is
// round robin without persistence on the first number.
func variants(servers []int) (list []variant) {
	const service = "balancer.services.web."
	modes := []variant{
		{"round robin", ""},
		{"source-ip", service + "persistence: {kind: source-ip, timeout: 1h}"},
		{"source-hash", service + "scheduler: source-hash"},
		{"cookie", service + "persistence: {kind: cookie-insert, timeout: 1h}"},
	}
	for i, n := range servers {
		for _, m := range modes {
			if len(servers) > 1 {
				m.Name = fmt.Sprintf("%s %d", m.Name, n)
			}
			if i > 0 {
				pool := fmt.Sprintf("%sservers: [%q]", service, pool(n))
				if m.Set != "" {
					pool += ", "
				}
				m.Set = pool + m.Set
			}
			list = append(list, m)
		}
	}
	return list
}

// coresEach is what each server of the scenario has.
const coresEach = 4

// assumedDemand is the CPU time of a request where the log does not say: 20 ms,
// less where the busiest minute would then take more than half of the cores of
// that many servers.
func assumedDemand(busiestMinute, servers int) time.Duration {
	half := float64(servers*coresEach) / 2 * 60 / float64(busiestMinute) // seconds
	for d := 20 * time.Millisecond; d > time.Microsecond; d /= 2 {
		if d.Seconds() <= half {
			return d
		}
	}
	return time.Microsecond
}

func (l *Log) trace(name string) *Trace {
	client, people := l.people()
	t := &Trace{Name: name, Clients: make([]string, people), Arrivals: make([]Arrival, len(l.Entries))}
	width := max(4, len(fmt.Sprint(people)))
	for i := range t.Clients {
		t.Clients[i] = fmt.Sprintf("c%0*d", width, i+1)
	}
	for i, e := range l.Entries {
		t.Arrivals[i] = Arrival{At: e.At, Client: client[e.Client], Src: l.Clients[e.Client].Addr, Hold: e.Took, Service: -1}
	}
	return t
}

// busiestMinute is the largest number of requests in one minute since t = 0.
func (l *Log) busiestMinute() int {
	most, count, minute := 0, 0, time.Duration(-1)
	for i := range l.Entries {
		if m := l.Entries[i].At / time.Minute; m != minute {
			minute, count = m, 0
		}
		count++
		most = max(most, count)
	}
	return most
}

// baseName is the last element of a path of any system.
func baseName(path string) string {
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// ScenarioName makes a scenario's name of a file's: lower case letters, digits
// and hyphens, without folders and the usual endings.
func ScenarioName(path string) string {
	file := strings.ToLower(baseName(path))
	for _, ending := range []string{".gz", ".log", ".txt", ".cfg", ".conf"} {
		file = strings.TrimSuffix(file, ending)
	}
	words := strings.FieldsFunc(file, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "-")
	if name == "" {
		return "log"
	}
	return strings.TrimRight(name[:min(len(name), 60)], "-")
}

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// yamlText quotes s unless YAML reads it as a text anyway.
func yamlText(s string) string {
	reserved := []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
	if plainText.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}
