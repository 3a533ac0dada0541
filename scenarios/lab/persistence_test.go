package lab

import (
	"fmt"
	"testing"
	"time"
)

// Clients come back to the server that they had: by their address, by a cookie that
// the balancer sets, and by one of the servers' that it learns.
func TestPersistence(t *testing.T) {
	for _, test := range []struct{ mode, persistence string }{
		{"tcp", "{kind: source-ip, timeout: 1m}"}, {"http", "cookie-insert"}, {"http", "{kind: cookie-server, timeout: 1m}"},
	} {
		r := rigOf(t, planOf(t, fmt.Sprintf(`name: kept
duration: 1s
sites: [{name: here, clients: 2}]
traffic: [{name: t, from: [here], arrivals: {kind: poisson, rate: 1/s}, demand: 1ms}]
balancer:
  product: haproxy
  services: [{name: web, port: 80, mode: %s, scheduler: round-robin, persistence: %s, health: none, servers: [a, b, c]}]
servers: [{name: a}, {name: b}, {name: c}]
`, test.mode, test.persistence)))
		arrivals := every(20, 40*ms, time.Millisecond)
		if test.mode == "http" {
			requests(arrivals, ms/10)
		}
		o := observe(t, r, arrivals)
		// A client whose first answer is not there yet when it comes again is new once more.
		first := map[uint32]int{}
		moved := 0
		for _, v := range o.Visits {
			client := arrivals[v.Arrival].Client
			if server, known := first[client]; known && server != v.Server {
				moved++
			}
			first[client] = v.Server
		}
		if moved > 2 || first[0] == first[1] {
			t.Errorf("%s: clients had %s", test.persistence, picks(o))
		}
	}
}
