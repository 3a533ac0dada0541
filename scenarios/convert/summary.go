package convert

import (
	"fmt"
	"strings"
	"time"
)

// PerAddress returns how the requests concentrate on source addresses.
func (l *Log) PerAddress() Concentration {
	addresses := l.Addresses()
	counts := make([]int64, len(addresses))
	for i, a := range addresses {
		counts[i] = int64(a.Requests)
	}
	return Measure(counts)
}

// Summary describes the log in a few lines of text: what was read, what was
// not, and how unevenly requests come from addresses. The text ends with a
// line end.
func (l *Log) Summary() string {
	c := l.PerAddress()
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("log", "%s, %s", printable([]byte(l.Name)), l.Format)
	row("lines", "%d: %d requests, %d comments or blank, %d malformed", l.Lines, len(l.Entries), l.Skipped, l.Malformed)
	row("time", "%s to %s (%s)", stampText(l.First), stampText(l.First.Add(l.Span())), spanText(l.Span()))
	row("clients", "%d at %d addresses", len(l.Clients), c.N)
	row("requests", "per address: median %d, 90 %% %d, 99 %% %d, largest %d", c.P50, c.P90, c.P99, c.Max)
	row("share", "of the largest address %.1f %%, of the ten largest %.1f %%", 100*c.Top1, 100*c.Top10)
	row("unevenness", "Gini %.3f; as uneven as %.1f addresses with equal traffic", c.Gini, c.EffectiveSize)
	row("", "an ideal hash of the address spreads requests over 4 servers with a")
	row("", "coefficient of variation of %.3f", c.SpreadOverServers(4))
	for _, w := range l.Warnings {
		row("warning", "%s", w)
	}
	for _, bad := range l.Bad {
		row("malformed", "line %d: %s", bad.Line, bad.Why)
		row("", "  %s", bad.Text)
	}
	if more := l.Malformed - len(l.Bad); more > 0 {
		row("", "and %d more malformed lines", more)
	}
	return b.String()
}

func stampText(t time.Time) string { return t.Format("2006-01-02 15:04:05 UTC") }

// spanText is a duration for people: the two largest units that matter.
func spanText(d time.Duration) string {
	d = d.Round(time.Second)
	days, rest := d/(24*time.Hour), d%(24*time.Hour)
	hours, minutes, seconds := rest/time.Hour, rest%time.Hour/time.Minute, rest%time.Minute/time.Second
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}
