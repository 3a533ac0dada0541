package capture

import (
	"cmp"
	"slices"
	"time"
)

// A Diagnosis says what delayed acknowledgements cost. It is data for programs;
// Text is for people.
type Diagnosis struct {
	Schema   string    `json:"schema"`
	Capture  string    `json:"capture"`
	Format   string    `json:"format"`
	Packets  Packets   `json:"packets"`
	Warnings []string  `json:"warnings"`
	Start    time.Time `json:"start"`
	Span     float64   `json:"span_s"`
	Answer   string    `json:"answer"`

	Connections  int     `json:"connections"`
	OneSided     int     `json:"one_sided"` // not looked at: packets of one direction only
	Exchanges    int     `json:"exchanges"`
	Conversation float64 `json:"conversation_s"` // sum over connections, from the first to the last packet

	Finding
	Simulated *Model       `json:"simulated"` // nil without stalls
	Worst     []Connection `json:"worst"`     // connections, most lost time first

	Example *Example `json:"-"` // nil without stalls
}

// Packets counts what a capture has.
type Packets struct {
	Total         int `json:"total"`
	TCP           int `json:"tcp"`
	Other         int `json:"other_protocols"`
	Fragments     int `json:"fragments"`
	Cut           int `json:"cut_in_headers"`
	Malformed     int `json:"malformed"`
	Foreign       int `json:"other_link_types"`
	Untimed       int `json:"without_time"`
	LeftOut       int `json:"of_connections_left_out"` // too many were open
	Copies        int `json:"copies"`                  // seen twice
	Disorder      int `json:"earlier_than_before"`     // than a packet of their connection before them
	Retransmitted int `json:"retransmitted_or_reordered"`
}

// A Finding is what was found in one connection, or in all.
type Finding struct {
	Stalls   Tally        `json:"stalls"`
	Patterns []Pattern    `json:"patterns"`    // of stalls, most lost time first
	Holds    []EndTally   `json:"nagle_holds"` // for an acknowledgement that was not delayed
	Delayed  Tally        `json:"all_delayed_acks"`
	Delays   []DelayedAck `json:"delayed_acks"` // by end
	Remedies []Remedy     `json:"remedies"`     // most saved time first
}

// A Tally sums up durations.
type Tally struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean_s"`
	Total float64 `json:"total_s"`
	Share float64 `json:"share"` // of the conversation, also where it costs nothing
}

// An EndTally sums up durations that an end waited.
type EndTally struct {
	End string `json:"end"`
	Tally
}

// A Pattern is a reason of stalls. The end that waits is the sender; the other
// delays the acknowledgement.
type Pattern struct {
	Pattern string `json:"pattern"`
	Sender  string `json:"sender"`
	Tally
	Waited float64 `json:"waited_s"` // from a held segment's predecessor to itself, summed up
	kind   pattern
	sender int
}

// A DelayedAck says how an end delays acknowledgements.
type DelayedAck struct {
	End   string  `json:"end"`
	Count int     `json:"count"`
	Free  int     `json:"cost_nothing"`
	Least float64 `json:"least_s"`
	Mean  float64 `json:"mean_s"`
	Most  float64 `json:"most_s"`
	SD    float64 `json:"standard_deviation_s"`
	Timer Timer   `json:"timer"`
	end   int
}

// A Remedy is a setting and what it saves at most.
type Remedy struct {
	End     string  `json:"end"`
	Setting string  `json:"setting"` // nodelay or ack_frequency
	Saves   float64 `json:"saves_s"`
	Share   float64 `json:"share"` // of the conversation
	end     int
	saves   time.Duration
}

// A Connection is one of those that lost most time.
type Connection struct {
	Client       string   `json:"client"`
	Server       string   `json:"server"`
	Start        float64  `json:"start_s"` // after that of the capture
	Conversation float64  `json:"conversation_s"`
	Packets      int      `json:"packets"`
	Exchanges    int      `json:"exchanges"`
	RTTClient    *float64 `json:"rtt_client_s"` // from the place of the capture, and back; nil if it is not known
	RTTServer    *float64 `json:"rtt_server_s"`
	Place        string   `json:"captured_at"`
	Handshake    bool     `json:"handshake"` // it is in the capture
	Finding
}

var (
	ends         = [2]string{"client", "server"}
	patternNames = [patterns]string{"split writes", "tail after full segments", "congestion window"}
)

func patternName(kind pattern, sender int) string {
	if kind == splitWrites && sender == client {
		return "write-write-read"
	}
	return patternNames[kind]
}

// finding puts findings into a form for reports.
func (f *findings) finding(conversation time.Duration) (r Finding) {
	stalls := f.stalled()
	all := f.delayed(client)
	all.join(f.delayed(server))
	r.Delayed = all.tally(conversation)
	r.Stalls = stalls.tally(conversation)
	r.Patterns, r.Holds, r.Delays, r.Remedies = []Pattern{}, []EndTally{}, []DelayedAck{}, []Remedy{}
	for sender := range f.stalls {
		answers := 1 - sender
		var nodelay, frequency int64
		for k := range f.stalls[sender] {
			m, waits := &f.stalls[sender][k], &f.waits[sender][k]
			if m.n == 0 {
				continue
			}
			kind := pattern(k)
			r.Patterns = append(r.Patterns, Pattern{
				Pattern: patternName(kind, sender), Sender: ends[sender], Tally: m.tally(conversation),
				Waited: seconds(waits.sum), kind: kind, sender: sender,
			})
			frequency += m.sum
			if kind != smallWindow {
				nodelay += waits.sum
			}
		}
		if m := &f.holds[sender]; m.n >= leastHolds {
			r.Holds = append(r.Holds, EndTally{ends[sender], m.tally(conversation)})
			nodelay += m.sum
		}
		if m := f.delayed(sender); m.n > 0 {
			r.Delays = append(r.Delays, DelayedAck{
				End: ends[answers], Count: m.n, Free: f.free[sender].n, Least: seconds(m.least), Mean: m.mean().Seconds(),
				Most: seconds(m.max), SD: m.spread().Seconds(), Timer: m.timer(), end: answers,
			})
		}
		add := func(end int, setting string, saves int64) {
			if saves > 0 {
				r.Remedies = append(r.Remedies, Remedy{ends[end], setting, seconds(saves), share(saves, conversation), end, time.Duration(saves)})
			}
		}
		add(sender, "nodelay", nodelay)
		add(answers, "ack_frequency", frequency)
	}
	slices.SortStableFunc(r.Patterns, func(a, b Pattern) int { return cmp.Compare(b.Total, a.Total) })
	slices.SortStableFunc(r.Remedies, func(a, b Remedy) int { return cmp.Compare(b.Saves, a.Saves) })
	return r
}

// leastHolds is how many holds for acknowledgements in time a finding needs:
// fewer may be chance.
const leastHolds = 3

func seconds(nanoseconds int64) float64 { return time.Duration(nanoseconds).Seconds() }

func share(part int64, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func (m *moments) tally(conversation time.Duration) Tally {
	return Tally{m.n, m.mean().Seconds(), seconds(m.sum), share(m.sum, conversation)}
}

// diagnosis makes the result.
func (d *diagnoser) diagnosis() *Diagnosis {
	r := &Diagnosis{
		Schema: "lbsim.diagnose/1", Capture: d.name, Format: d.file.format + ", " + d.linkNames(),
		Packets: Packets{
			Total: d.packets + d.file.untimed, TCP: d.count[isTCP], Other: d.count[isOther], Fragments: d.count[isFragment],
			Cut: d.count[isCut], Malformed: d.count[isMalformed], Foreign: d.count[isForeign], Untimed: d.file.untimed,
			LeftOut: d.table.refused, Copies: d.copies, Disorder: d.backward, Retransmitted: d.retransmits,
		},
		Start: time.Unix(0, d.first).UTC(), Span: seconds(d.last - d.first),
		Connections: d.connections, OneSided: d.oneSided, Exchanges: d.exchanges, Conversation: d.duration.Seconds(),
	}
	r.Finding = d.found.finding(d.duration)
	for i := range r.Delays {
		if a := &r.Delays[i]; a.Timer.mixed(d.timers[a.end]) {
			a.Timer = Timer{Kind: "several", Most: a.Most, Note: "timers differ among connections"}
		}
	}
	list := d.worst.sorted()
	r.Worst = []Connection{}
	for _, c := range list {
		r.Worst = append(r.Worst, c.report(d.first))
	}
	d.notes()
	r.Warnings = append([]string{}, d.warnings...)
	if r.Example = d.example(r, list); r.Example != nil {
		r.Simulated = r.Example.simulate()
	}
	r.Answer = r.answer()
	return r
}

// notes warns of what may make the figures wrong.
func (d *diagnoser) notes() {
	if d.table.refused > 0 {
		d.warn("%s left out: %d connections were open at once", plural(d.table.refused, "packet"), d.table.limit)
	}
	if d.oneSided > 0 {
		d.warn("%s left out: only one direction was captured", plural(d.oneSided, "connection"))
	}
	if d.backward > 0 {
		d.warn("%s earlier than one before in the same connection", plural(d.backward, "packet"))
	}
	if d.file.untimed > 0 {
		d.warn("%s without a time left out", plural(d.file.untimed, "packet"))
	}
}

// report puts what is known of a connection into a form for reports.
func (c *connection) report(start int64) Connection {
	r := Connection{
		Client: c.addr[client].String(), Server: c.addr[server].String(), Start: seconds(c.first - start),
		Conversation: c.duration().Seconds(), Packets: c.packets, Exchanges: c.turns.completed,
		RTTClient: c.half[server].trips.seconds(), RTTServer: c.half[client].trips.seconds(),
		Handshake: c.half[client].syn && c.half[server].syn,
	}
	r.Place = c.place()
	r.Finding = c.found.finding(c.duration())
	return r
}

// place says where the capture was made, from the round trips: the nearer end is
// four times nearer.
func (c *connection) place() string {
	toClient, knownClient := c.half[server].trips.roundTrip()
	toServer, knownServer := c.half[client].trips.roundTrip()
	switch {
	case !knownClient || !knownServer:
		return "unknown"
	case max(toClient, toServer) < int64(100*time.Microsecond):
		return "near both"
	case toClient*4 < toServer:
		return "client"
	case toServer*4 < toClient:
		return "server"
	}
	return "between"
}

// lost is the time that stalls took.
func (c *connection) lost() int64 { m := c.found.stalled(); return m.sum }

// delays is how many acknowledgements were delayed.
func (c *connection) delays() int { return c.found.free[client].n + c.found.free[server].n }
