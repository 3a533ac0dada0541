package results

import (
	"bufio"
	"fmt"
	"io"
	"unicode/utf8"
)

// TimelineTXT writes the events of each variant's first replication, in order:
// simulated time, who, and what. Variants follow one another under their
// names if there are several.
func TimelineTXT(w io.Writer, r *Result) error {
	b := bufio.NewWriter(w)
	atWidth, actorWidth := 0, 0
	for _, v := range r.Variants {
		for _, m := range v.Marks {
			atWidth = max(atWidth, len(Clock(m.At)))
			actorWidth = max(actorWidth, utf8.RuneCountInString(m.Actor))
		}
	}
	for i, v := range r.Variants {
		if len(r.Variants) > 1 {
			if i > 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(b, "# %s\n", v.Name)
		}
		if len(v.Marks) == 0 {
			b.WriteString("nothing happened\n")
		}
		for _, m := range v.Marks {
			fmt.Fprintf(b, "%*s  %-*s  %s\n", atWidth, Clock(m.At), actorWidth, m.Actor, m.Text)
		}
		if v.Unlisted > 0 {
			fmt.Fprintf(b, "and %s\n", counted(v.Unlisted, "more event"))
		}
	}
	return b.Flush()
}
