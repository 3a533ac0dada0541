package capture

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// answer is the result in a few sentences.
func (r *Diagnosis) answer() string {
	switch {
	case r.Stalls.Count > 0:
		p := r.Patterns[0]
		text := fmt.Sprintf("%s of %s on average %s %s, %s of the conversation. %s", plural(r.Stalls.Count, "stall"), duration(r.Stalls.Mean),
			verb(r.Stalls.Count, "takes", "take"), duration(r.Stalls.Total), percent(r.Stalls.Share), reason(p))
		if len(r.Remedies) > 0 {
			text += fmt.Sprintf(" %s would save up to %s.", settingText(r.Remedies[0]), duration(r.Remedies[0].Saves))
		}
		return text
	case len(r.Holds) > 0:
		h := r.Holds[0]
		return fmt.Sprintf("No acknowledgement that somebody waited for was delayed, but %d times the %s held data back until an acknowledgement came: %s, %s of the conversation. No delay on the %s would save that.",
			h.Count, h.End, duration(h.Total), percent(h.Share), h.End)
	case r.Delayed.Count > 0:
		return fmt.Sprintf("No stall. %s delayed, by %s on average%s, and nobody waited for %s: %s nothing, and no setting would help.",
			verb(r.Delayed.Count, "1 acknowledgement was", fmt.Sprintf("%d acknowledgements were", r.Delayed.Count)), duration(r.Delayed.Mean), r.commonTimer(),
			verb(r.Delayed.Count, "it", "them"), verb(r.Delayed.Count, "it costs", "they cost"))
	case r.Connections == r.OneSided:
		return "Nothing can be told: of no connection were both directions captured."
	}
	return "No stall, and no delayed acknowledgement."
}

// commonTimer tells the timer, if it is the same at both ends.
func (r *Diagnosis) commonTimer() string {
	t := r.Delays[0].Timer
	for _, a := range r.Delays {
		if a.Timer.Kind != t.Kind || a.Timer.Interval != t.Interval {
			return ""
		}
	}
	switch t.Kind {
	case "arrival":
		return " by a timer of " + milliseconds(t.Interval)
	case "tick":
		return " on ticks of " + milliseconds(t.Interval)
	}
	return ""
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// reason explains a pattern.
func reason(p Pattern) string {
	other := ends[1-p.sender]
	switch p.kind {
	case oddTail:
		return fmt.Sprintf("The %s holds back the end of what it sends until all before it is acknowledged, and the %s delays the acknowledgement of an odd segment.", p.Sender, other)
	case smallWindow:
		return fmt.Sprintf("The %s may have only one segment on its way, and the %s delays its acknowledgement.", p.Sender, other)
	}
	return fmt.Sprintf("The %s writes twice and holds the second write back until the first is acknowledged, and the %s delays the acknowledgement.", p.Sender, other)
}

// settingText names a setting, and the end that it belongs to.
func settingText(m Remedy) string {
	if m.Setting == "nodelay" {
		return "No delay (TCP_NODELAY) on the " + m.End
	}
	return "Ack frequency 1 on the " + m.End
}

// duration writes seconds with three or four digits that matter.
func duration(s float64) string {
	switch d := time.Duration(s * float64(time.Second)); {
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", s*1e6)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", s*1e3)
	case d < 100*time.Second:
		return fmt.Sprintf("%.3f s", s)
	case d < time.Hour:
		return fmt.Sprintf("%.1f s", s)
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", s/3600)
	}
	return fmt.Sprintf("%.1f d", s/86400)
}

// printable makes a file's name fit for a terminal and a comment.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '.'
		}
		return r
	}, name)
}

// milliseconds writes seconds that are rounded to a hundredth.
func milliseconds(s float64) string { return fmt.Sprintf("%.0f ms", s*1e3) }

func percent(share float64) string {
	if share > 0 && share < 0.0995 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
