package results

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// An attempt that waits in the balancer's queue is assigned after later ones,
// and one that still waits when the run ends is never assigned.
func TestAssignmentsOutOfOrder(t *testing.T) {
	r := NewRecorder(Setting{
		Services: []ServiceSetting{{Name: "web", Servers: []int{0}}}, Servers: []string{"s1"},
		Clients: 9, Duration: time.Minute, Assignments: true,
	})
	conn := func(seq uint32) *flow.Conn {
		return &flow.Conn{Seq: seq, Tried: sim.Time(seq) * 1e9, Client: flow.ClientID(seq)}
	}
	for _, seq := range []uint32{0, 2, 4, 1} { // 3 still waits
		r.addRow(conn(seq), flow.Accepted, 5e9)
	}
	r.closeRow(conn(1), flow.Completed, 6e9)
	r.closeRow(conn(4), flow.Reset, 7e9)
	var out strings.Builder
	a := r.Assignments([]netip.Addr{netip.MustParseAddr("10.0.0.1")}, func(flow.ClientID) string { return "c" })
	if err := a.Write(&out, 0, ""); err != nil {
		t.Fatal(err)
	}
	const want = `0,0,0,c,10.0.0.1,web,s1,,present
0,1,1,c,10.0.0.1,web,s1,6,completed
0,2,2,c,10.0.0.1,web,s1,,present
0,4,4,c,10.0.0.1,web,s1,7,reset
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
