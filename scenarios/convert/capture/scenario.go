package capture

import (
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"

	"lbsim/models/tcp"
)

//go:embed scenario.yaml.tmpl
var scenarioText string

var scenarioTemplate = template.Must(template.New("scenario").Parse(scenarioText))

// Scenario makes a scenario that stalls as the capture does, to be run as it is
// and with the settings that help; nil if nothing stalled. source is what its
// comment says that it was made of, in one line of text. The name must be one that
// a scenario may have.
func (r *Diagnosis) Scenario(name, source string) []byte {
	e := r.Example
	if e == nil {
		return nil
	}
	// Conversations of the simulation do not overlap, and ten of them fit.
	x := &e.Exchange
	each := time.Duration(x.Count) * (x.Think + x.ClientThink + 2*e.Config.RTT + time.Duration(e.Pattern.Mean*float64(time.Second)))
	period := max(2*each, time.Second).Truncate(time.Second) + time.Second
	var b bytes.Buffer
	err := scenarioTemplate.Execute(&b, map[string]any{
		"Source": printable(source), "Answer": wrapped(r.Answer, 110), "Name": name,
		"Seen": e.Seen, "Stalls": e.Pattern.Count, "Pattern": e.Pattern.Pattern, "Delay": duration(e.Pattern.Mean),
		"Sender": e.Pattern.Sender, "Acknowledger": ends[1-e.Pattern.sender], "Nodelay": e.Pattern.kind != smallWindow,
		"Duration": plainly(10 * period), "Rate": strconv.FormatFloat(1/period.Seconds(), 'g', 4, 64), "Count": x.Count,
		"ClientWrites": flowList(x.ClientWrites), "ServerWrites": flowList(x.ServerWrites), "Think": plainly(x.Think), "ClientThink": plainly(x.ClientThink),
		"RTT": plainly(e.Config.RTT), "Client": endText(&e.Config.Client), "Server": endText(&e.Config.Server), "Port": e.Port,
	})
	if err != nil {
		panic("capture: scenario template: " + err.Error()) // its fields are all given above
	}
	return b.Bytes()
}

// flowList writes a list in one line.
func flowList(list []int) string {
	var words []string
	for _, n := range list {
		words = append(words, fmt.Sprint(n))
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// plainly writes a duration as scenarios have it: one number, and a unit of letters.
func plainly(d time.Duration) string {
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}} {
		if d >= u.of || d == 0 {
			return strconv.FormatFloat(float64(d)/float64(u.of), 'f', -1, 64) + u.name
		}
	}
	return strconv.FormatFloat(float64(d)/float64(time.Microsecond), 'f', -1, 64) + "us"
}

// endText writes what the capture says of an end in one line. The rest stays as
// lbsim has it without a word.
func endText(e *tcp.End) string {
	text := fmt.Sprintf("nagle: %s, ack_frequency: %d, delayed_ack: %s, mss: %d, initial_window: %d", e.Nagle, e.AckFrequency, plainly(e.DelayedAck), e.MSS, e.InitialWindow)
	if e.Nodelay {
		text += ", nodelay: true"
	}
	return text
}
