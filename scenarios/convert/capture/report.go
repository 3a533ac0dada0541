package capture

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// connectionsShown is how many the text has; JSON has more.
const connectionsShown = 10

// lineWidth is where the answer breaks.
const lineWidth = 100

// Text is the report for people; it ends with a line end.
func (r *Diagnosis) Text() string {
	var b strings.Builder
	r.head(&b)
	r.findings(&b)
	r.connections(&b)
	return b.String()
}

func (r *Diagnosis) head(b *strings.Builder) {
	row := func(name, text string) { fmt.Fprintf(b, "%-10s %s\n", name, text) }
	row("capture", printable(r.Capture)+", "+r.Format)
	p := &r.Packets
	text := fmt.Sprintf("%d of TCP", p.TCP)
	for _, x := range []struct {
		n    int
		what string
	}{
		{p.Other, "of other protocols"}, {p.Fragments, "fragments"}, {p.Cut, "cut off in their headers"}, {p.Malformed, "malformed"},
		{p.Foreign, "of other link types"}, {p.Copies, "of them seen twice"}, {p.Retransmitted, "of them retransmitted or out of order"},
	} {
		if x.n > 0 {
			text += fmt.Sprintf(", %d %s", x.n, x.what)
		}
	}
	row("packets", text)
	row("time", fmt.Sprintf("%s, %s", r.Start.Format("2006-01-02 15:04:05 UTC"), duration(r.Span)))
	row("traffic", fmt.Sprintf("%s, %s, %s of conversation", plural(r.Connections, "connection"), plural(r.Exchanges, "exchange"), duration(r.Conversation)))
	for _, w := range r.Warnings {
		row("warning", w)
	}
	name := "answer"
	for _, line := range wrapped(r.Answer, lineWidth) {
		row(name, line)
		name = ""
	}
}

// wrapped breaks a text into lines.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func (r *Diagnosis) findings(b *strings.Builder) {
	if len(r.Patterns)+len(r.Holds) > 0 {
		t := columns{{"waiting", "count", "mean", "total", "share"}}
		for _, p := range r.Patterns {
			t.add(fmt.Sprintf("%s, %s", p.Pattern, p.Sender), p.Count, duration(p.Mean), duration(p.Total), percent(p.Share))
		}
		for _, h := range r.Holds {
			t.add("Nagle, acknowledgement in time, "+h.End, h.Count, duration(h.Mean), duration(h.Total), percent(h.Share))
		}
		t.write(b)
	}
	if len(r.Delays) > 0 {
		t := columns{{"delayed acknowledgements", "count", "cost nothing", "least", "mean", "most", ""}}
		for _, a := range r.Delays {
			t.add("by the "+a.End, a.Count, a.Free, duration(a.Least), duration(a.Mean), duration(a.Most), a.Timer.text())
		}
		t.write(b)
	}
	if len(r.Remedies) > 0 {
		t := columns{{"setting", "saves up to", "share"}}
		for _, m := range r.Remedies {
			t.add(settingText(m), duration(m.Saves), percent(m.Share))
		}
		t.write(b)
	}
	if m := r.Simulated; m != nil {
		sender := r.Example.Pattern.Sender
		t := columns{{"simulated, an exchange of the first kind", "takes"}}
		t.add("as it is", duration(m.AsIs))
		t.add("no delay on the "+sender, duration(m.Nodelay))
		t.add("ack frequency 1 on the "+ends[1-r.Example.Pattern.sender], duration(m.AckFrequency))
		t.write(b)
	}
}

func (r *Diagnosis) connections(b *strings.Builder) {
	t := columns{{"connections", "exchanges", "stalls", "lost", "share", "free delays", "rtt client", "rtt server", "captured at"}}
	for _, c := range r.Worst[:min(connectionsShown, len(r.Worst))] {
		free := c.Delayed.Count - c.Stalls.Count
		t.add(c.Client+" > "+c.Server, c.Exchanges, c.Stalls.Count, duration(c.Stalls.Total), percent(c.Stalls.Share), free,
			known(c.RTTClient), known(c.RTTServer), c.Place)
	}
	if more := r.Connections - r.OneSided - connectionsShown; more > 0 {
		t.add(fmt.Sprintf("and %d more", more))
	}
	t.write(b)
}

func known(seconds *float64) string {
	if seconds == nil {
		return "unknown"
	}
	return duration(*seconds)
}

// text is the timer for people.
func (t *Timer) text() string {
	var text string
	switch t.Kind {
	case "arrival":
		text = "timer of " + milliseconds(t.Interval)
	case "tick":
		text = fmt.Sprintf("ticks of %s, up to %s", milliseconds(t.Interval), milliseconds(t.Most))
	default:
		return t.Note
	}
	if t.Note != "" {
		text += ": " + t.Note
	}
	return text
}

// Columns have rows of texts, the first of each to the left, the others to the
// right in columns as wide as their widest text, but the last.
type columns [][]string

func (t *columns) add(first string, rest ...any) {
	row := []string{first}
	for _, v := range rest {
		row = append(row, fmt.Sprint(v))
	}
	*t = append(*t, row)
}

// write writes a blank line and the table.
func (t columns) write(b *strings.Builder) {
	width := make([]int, len(t[0]))
	for _, row := range t {
		for i, text := range row {
			width[i] = max(width[i], utf8.RuneCountInString(text))
		}
	}
	b.WriteByte('\n')
	for _, row := range t {
		line := ""
		for i, text := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(text))
			switch {
			case i == 0:
				line = text + pad
			case i == len(t[0])-1 && t[0][i] == "": // notes
				line += "  " + text
			default:
				line += "  " + pad + text
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
