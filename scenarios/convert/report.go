package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Report says what was read of a log and how unevenly its traffic comes from
// addresses. It is data for programs; Text is for people.
type Report struct {
	Log       string    `json:"log"`
	Format    string    `json:"format"`
	Lines     int       `json:"lines"`
	Skipped   int       `json:"skipped"`             // all of them, those of the next two lines too
	Sockets   int       `json:"over_unix_sockets"`   // left out
	Answered  int       `json:"answered_by_haproxy"` // left out
	Malformed int       `json:"malformed"`
	Bad       []BadLine `json:"first_malformed"`
	Warnings  []string  `json:"warnings"`
	Start     time.Time `json:"start"`
	Span      float64   `json:"span_s"`

	Clients   int `json:"clients"`
	Addresses int `json:"addresses"`
	Forwarded int `json:"forwarded"`        // requests with a list of addresses in X-Forwarded-For
	Unused    int `json:"forwarded_unused"` // of those: the list was ignored

	SessionGap float64       `json:"session_gap_s"`
	Requests   Concentration `json:"requests_per_address"`
	Sessions   Concentration `json:"sessions_per_address"`
	PerAddress Concentration `json:"clients_per_address"`
	SourceHash []Prediction  `json:"source_hash"`
	Busiest    []BusyAddress `json:"busiest"`
	span       time.Duration
}

// A Prediction is the expected load of the busiest of some servers, over the
// mean load, if an ideal hash of the address chooses the server.
type Prediction struct {
	Servers  int     `json:"servers"`
	Requests float64 `json:"requests_max_over_mean"`
	Sessions float64 `json:"sessions_max_over_mean"`
	Clients  float64 `json:"clients_max_over_mean"`
	Exact    bool    `json:"exact"`
}

// A BusyAddress is one of the addresses with most requests.
type BusyAddress struct {
	Address  string  `json:"address"`
	Name     string  `json:"name,omitempty"`
	Requests int     `json:"requests"`
	Share    float64 `json:"share"`
	Sessions int     `json:"sessions"`
	Clients  int     `json:"clients"`
}

// busiest is how many addresses a Report names.
const busiest = 10

// SessionGap is the usual time without a request that ends a session.
const SessionGap = 30 * time.Minute

// Report describes the log. A session ends after gap without a request; the
// busiest of so many servers is predicted.
func (l *Log) Report(gap time.Duration, servers []int) *Report {
	list := l.Sources(gap)
	_, people := l.people()
	r := &Report{
		Log: l.Name, Format: l.Format, Lines: l.Lines, Skipped: l.Skipped, Sockets: l.Sockets, Answered: l.Answered,
		Malformed: l.Malformed, Bad: l.Bad, Warnings: l.Warnings, Start: l.First, Span: l.Span().Seconds(), span: l.Span(),
		Clients: people, Addresses: len(list), Forwarded: l.Forwarded, Unused: l.Unused, SessionGap: gap.Seconds(),
	}
	if r.Bad == nil {
		r.Bad = []BadLine{}
	}
	if r.Warnings == nil {
		r.Warnings = []string{}
	}
	var requests, sessions, clients []int64
	for _, a := range list {
		requests, sessions, clients = append(requests, int64(a.Requests)), append(sessions, int64(a.Sessions)), append(clients, int64(a.Clients))
	}
	r.Requests, r.Sessions, r.PerAddress = Measure(requests), Measure(sessions), Measure(clients)
	for _, n := range servers {
		p := Prediction{Servers: n}
		p.Requests, p.Exact = ExpectedMax(requests, n)
		p.Sessions, _ = ExpectedMax(sessions, n)
		p.Clients, _ = ExpectedMax(clients, n)
		r.SourceHash = append(r.SourceHash, p)
	}
	slices.SortStableFunc(list, func(a, b Address) int { return cmp.Compare(b.Requests, a.Requests) })
	for _, a := range list[:min(busiest, len(list))] {
		r.Busiest = append(r.Busiest, BusyAddress{
			Address: a.Addr.String(), Name: a.Name, Requests: a.Requests,
			Share: float64(a.Requests) / float64(len(l.Entries)), Sessions: a.Sessions, Clients: a.Clients,
		})
	}
	return r
}

// Text is the report for people; it ends with a line end.
func (r *Report) Text() string {
	var b strings.Builder
	r.writeHead(&b)
	b.WriteByte('\n')
	r.writeTable(&b)
	b.WriteByte('\n')
	r.writeBusiest(&b)
	return b.String()
}

func (r *Report) writeHead(b *strings.Builder) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("log", "%s, %s", printable([]byte(r.Log)), r.Format)
	text := fmt.Sprintf("%d: %d requests, %d comments or blank, %d malformed",
		r.Lines, r.Requests.Total, r.Skipped-r.Sockets-r.Answered, r.Malformed)
	if r.Sockets > 0 {
		text += fmt.Sprintf(", %d over unix sockets", r.Sockets)
	}
	if r.Answered > 0 {
		text += fmt.Sprintf(", %d answered by HAProxy itself", r.Answered)
	}
	row("lines", "%s", text)
	row("time", "%s to %s (%s)", stampText(r.Start), stampText(r.Start.Add(r.span)), spanText(r.span))
	row("clients", "%d at %d addresses, %d sessions (%s without a request ends one)",
		r.Clients, r.Addresses, r.Sessions.Total, spanText(time.Duration(r.SessionGap*float64(time.Second))))
	for _, w := range r.Warnings {
		row("warning", "%s", w)
	}
	if r.Unused > 0 {
		row("note", "%d requests have X-Forwarded-For: --xff client tells who sits behind the", r.Unused)
		row("", "addresses; --xff source is for a log written behind the balancer")
	}
}

func (r *Report) writeTable(b *strings.Builder) {
	columns := []*Concentration{&r.Requests, &r.Sessions, &r.PerAddress}
	t := table{{"per address", "requests", "sessions", "clients"}}
	row := func(name, format string, value func(c *Concentration) any) {
		line := []string{name}
		for _, c := range columns {
			line = append(line, fmt.Sprintf(format, value(c)))
		}
		t = append(t, line)
	}
	row("median", "%d", func(c *Concentration) any { return c.P50 })
	row("90 %", "%d", func(c *Concentration) any { return c.P90 })
	row("99 %", "%d", func(c *Concentration) any { return c.P99 })
	row("largest", "%d", func(c *Concentration) any { return c.Max })
	row("share of the largest", "%.1f %%", func(c *Concentration) any { return 100 * c.Top1 })
	row("of the 10 largest", "%.1f %%", func(c *Concentration) any { return 100 * c.Top10 })
	row("of the 100 largest", "%.1f %%", func(c *Concentration) any { return 100 * c.Top100 })
	row("Gini", "%.3f", func(c *Concentration) any { return c.Gini })
	row("H, the sum of squared shares", "%.3g", func(c *Concentration) any { return c.SumOfSquares })
	row("1/H, as uneven as so many equal", "%.1f", func(c *Concentration) any { return c.EffectiveSize })
	t = append(t, nil, []string{"source hash, busiest server/mean", "", "", ""})
	for _, p := range r.SourceHash {
		name := fmt.Sprintf("%d servers, expected", p.Servers)
		t = append(t, []string{name, ratioText(p.Requests), ratioText(p.Sessions), ratioText(p.Clients)})
	}
	t.write(b)
}

func (r *Report) writeBusiest(b *strings.Builder) {
	t := table{{"busiest addresses", "requests", "sessions", "clients", "share"}}
	for _, a := range r.Busiest {
		name := a.Address
		if a.Name != "" {
			name = shortened(a.Name)
		}
		t = append(t, []string{name, fmt.Sprint(a.Requests), fmt.Sprint(a.Sessions), fmt.Sprint(a.Clients), fmt.Sprintf("%.1f %%", 100*a.Share)})
	}
	t.write(b)
}

func ratioText(v float64) string { return fmt.Sprintf("%.2f", v) }

// A table has rows of texts; a row without any is a blank line.
type table [][]string

// write writes the first column left, the others right in columns as wide as
// their widest text.
func (t table) write(b *strings.Builder) {
	width := []int{33, 8, 8, 8, 0} // at least, so that tables stand below each other
	for _, row := range t {
		for i, text := range row {
			width[i] = max(width[i], utf8.RuneCountInString(text))
		}
	}
	for _, row := range t {
		line := ""
		for i, text := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(text))
			if i == 0 {
				line = text + pad
			} else {
				line += "  " + pad + text
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// shortened makes a host name fit into a table.
func shortened(name string) string {
	if r := []rune(name); len(r) > 33 {
		return string(r[:32]) + "…"
	}
	return name
}

func stampText(t time.Time) string { return t.Format("2006-01-02 15:04:05 UTC") }

// spanText is a duration for people: the two largest units that matter.
func spanText(d time.Duration) string {
	d = d.Round(time.Second)
	days, rest := d/(24*time.Hour), d%(24*time.Hour)
	hours, minutes, seconds := rest/time.Hour, rest%time.Hour/time.Minute, rest%time.Minute/time.Second
	two := func(a time.Duration, unit string, b time.Duration, smaller string) string {
		if b == 0 {
			return fmt.Sprintf("%d %s", a, unit)
		}
		return fmt.Sprintf("%d %s %d %s", a, unit, b, smaller)
	}
	switch {
	case days > 0:
		return two(days, "d", hours, "h")
	case hours > 0:
		return two(hours, "h", minutes, "min")
	case minutes > 0:
		return two(minutes, "min", seconds, "s")
	}
	return fmt.Sprintf("%d s", seconds)
}
