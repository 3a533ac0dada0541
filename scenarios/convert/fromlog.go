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
	Name  string // of the scenario; "" takes it from the log's file name
	Trace string // file name of the trace; "" means Name + ".csv"
}

//go:embed fromlog.yaml.tmpl
var scenarioText string

var scenarioTemplate = template.Must(template.New("scenario").Parse(scenarioText))

// FromLog makes a scenario that replays the log against four servers under
// several kinds of persistence, and the trace that it replays, to be written
// beside it under the name that the scenario gives. The scenario is text for
// people: its comments say what the log says and what is an assumption.
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
	load, busiest := l.PerAddress(), l.busiestMinute()
	var b bytes.Buffer
	err := scenarioTemplate.Execute(&b, map[string]any{
		"Name": yamlText(name), "Trace": yamlText(file), "Source": printable([]byte(baseName(l.Name))),
		"Format": l.Format, "Requests": len(l.Entries), "Clients": len(l.Clients), "Addresses": load.N,
		"First": stampText(l.First), "Span": spanText(l.Span()),
		"Minutes":   int64(l.Span()/time.Minute) + 1, // so that the last arrival lies inside
		"Malformed": l.Malformed, "Warnings": l.Warnings, "HasTimes": l.HasTimes(),
		"PerSecond": fmt.Sprintf("%.3g", float64(len(l.Entries))/max(l.Span().Seconds(), 1)), "Busiest": busiest,
		"Median": load.P50, "Largest": load.Max, "Top10": fmt.Sprintf("%.1f", 100*load.Top10),
		"Demand": assumedDemand, "Cores": fmt.Sprintf("%.2g", float64(busiest)/60*assumedDemand.Seconds()),
	})
	if err != nil {
		panic("convert: scenario template: " + err.Error()) // its fields are all given above
	}
	return b.Bytes(), l.trace(file)
}

// assumedDemand is the mean CPU time of a request where the log does not say.
const assumedDemand = 20 * time.Millisecond

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
	for _, ending := range []string{".gz", ".log", ".txt"} {
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
