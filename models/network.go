package models

import (
	"fmt"
	"reflect"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// The network is between the clients and everything else: what they send goes out to
// its server, and the answer comes back. Meanwhile, and while either stalls, the
// connection is open, the balancer counts it and its port is taken; but of the
// server, which is given the request when all of it is there, it has neither core
// nor slot: systems that read requests in the kernel or by events, as HTTP.sys does,
// keep no thread for half of one. Where the documents do not say, the following is
// chosen:
//
//   - A connection's server is chosen at the instant when its client asks for it,
//     and of mode http a request's. What turns it away then does so at once.
//   - A server that crashes resets its connections, which clients hear after the
//     time of a packet. An answer that is on its way comes before that.
//   - A request that its client has given up comes to its server nevertheless.
//   - Checks take no time on the wire: balancers are near servers.
//   - Clients that send at a rate over one connection do not wait for answers; each
//     exchange takes as long as it would alone.
type network struct {
	memo  *tcp.Memo
	lanes []lane      // by stream
	far   []distance  // by pattern
	lines []line      // by connection
	own   []line      // by number of a connection to a balancer that chooses for each request
	loose line        // of a request that has none
	trips []trip      // by request
	told  []flow.Trip // by request, of those of which not what is usual is told
	enter traffic.Servers
	out   sim.Lane[uint32]     // a request comes to its server
	back  sim.Lane[uint32]     // an answer comes to its client
	reset sim.Port[uint32]     // that a server has crashed comes to clients
	falls flow.Slab[fall]      // that some clients have yet to hear of
	obs   flow.NetworkObserver // nil: nobody asks

	passages []passage // by place; nil: they are not known beforehand
	drawn    []passage // by request, if they are not
}

// lane is what requests of a stream have in common.
type lane struct {
	way      traffic.Way
	patterns []int32 // by site
	alike    bool    // all of them are pattern
	pattern  int32
	bare     bool          // nothing but one request goes over each connection
	thinking time.Duration // of an exchange
	loss     *sim.Stream   // nil: no packet is lost
}

// distance is what clients with one pattern have in common.
type distance struct {
	restart time.Duration // after which an open connection is idle
	oneWay  time.Duration // of a packet to the client
	fresh   tcp.Place     // of a new connection
	idle    tcp.Place     // of one that is idle
}

// line is a connection as the network sees it.
type line struct {
	last    sim.Time      // when the last exchange ended, but for its server's time
	opening time.Duration // set-up that is to be told with the first request
	restart time.Duration // after which it is idle
	idle    tcp.Place     // where it is then
	place   tcp.Place     // of its next exchange
	seq     uint32        // of the connection, plus 1; 0: it is none's, or kept
	opens   bool          // it is opened for its first request
	kept    bool          // the connection goes on under another seq
}

// trip is a request on the wire. It is small, as there is one for each.
type trip struct {
	due  sim.Time      // when the answer arrives
	back time.Duration // how long that takes
	told *flow.Trip    // to observers
	end  flow.Outcome  // what is on its way back
}

// maxPatterns bounds the kinds of exchanges of a run, each at each distance.
const maxPatterns = 1000

// maxWork bounds the packets that are simulated to know what exchanges cost: some
// seconds of computing.
const maxWork = 3e7

// patterns returns the patterns of all streams, and which of them each stream has at
// each site.
func (r *resolved) patterns() (all []tcp.Pattern, of [][]int32) {
	for i := range r.Traffic {
		t := &r.Traffic[i]
		x := tcp.Request(traffic.UsualRequest, traffic.UsualResponse, 0)
		if t.Exchange != nil {
			x = *t.Exchange
		}
		sites := make([]int32, len(r.Sites))
		known := map[time.Duration]int32{}
		for _, s := range t.Sites {
			rtt := r.Network.RTT
			if own := r.Sites[s].RTT; own > 0 {
				rtt = own
			}
			k, ok := known[rtt]
			if !ok {
				k = int32(len(all))
				for j := range all {
					if all[j].Network.RTT == rtt && reflect.DeepEqual(all[j].Exchange, x) {
						k = int32(j)
					}
				}
				if int(k) == len(all) {
					all = append(all, tcp.Pattern{Network: r.Network.At(rtt), Exchange: x})
				}
				known[rtt] = k
			}
			sites[s] = k
		}
		if of = append(of, sites); len(all) > maxPatterns {
			break
		}
	}
	return all, of
}

// checkNetwork returns what is wrong with the network beside the rest.
func (r *resolved) checkNetwork() (problems []flow.Problem) {
	n := r.Network
	if n == nil || len(flow.Check(n)) > 0 {
		return nil
	}
	bad := func(path, text, hint string) {
		problems = append(problems, flow.Problem{Path: path, Text: text, Hint: hint})
	}
	if n.Inner != nil && r.NLB != nil {
		bad("network.inner", "there is no balancer that could end connections: Windows NLB's hosts do without one", "leave inner out")
	}
	for i := range r.Balancer.Services {
		s := &r.Balancer.Services[i]
		if n.Inner != nil || r.NLB != nil || s.Mode != lb.HTTP && !s.Offload {
			continue
		}
		bad("network", fmt.Sprintf("the balancer ends the connections to service %s, and nothing is said of those to the servers", s.Name), "write inner: {rtt: 0s} in network")
		break
	}
	for i := range r.Traffic {
		if x := r.Traffic[i].Exchange; x != nil && len(flow.Check(x)) > 0 {
			return problems
		}
	}
	all, _ := r.patterns()
	work := 0.0
	for i := range all {
		work += all[i].Work()
	}
	if len(all) > maxPatterns {
		bad("network", fmt.Sprintf("there are more than %d kinds of exchanges at different distances", maxPatterns), "let sites have the same rtt")
	} else if work > maxWork {
		bad("network", fmt.Sprintf("about %.2g packets are simulated before the run, of all kinds of exchanges at different distances; at most %.2g are", work, maxWork), "lower what exchanges write, their count, or the number of distances")
	} else if _, err := tcp.NewMemo(all); err != nil {
		bad("network", err.Error(), "")
	}
	return problems
}

// connect puts the network, if there is one, between clients and servers.
func (w *World) connect(servers traffic.Servers) (err error) {
	config := w.config.Network
	if config == nil {
		return nil
	}
	n := &network{enter: servers}
	all, of := w.config.patterns()
	if n.memo, err = tcp.NewMemo(all); err != nil {
		return err
	}
	for i := range all {
		c := &all[i].Network
		n.far = append(n.far, distance{n.memo.Restart(i), c.RTT/2 + c.Inspection, n.memo.First(i, tcp.Fresh), n.memo.First(i, tcp.Idle)})
	}
	if config.Loss == 0 && !config.Ticks() {
		for p := range n.memo.Places() {
			thinking := all[n.memo.Pattern(p)].Exchange.Thinking()
			n.passages = append(n.passages, passageOf(n.memo.Cost(p, 0), n.memo.After(p), thinking))
		}
	}
	for i := range w.config.Traffic {
		t := &w.config.Traffic[i]
		l := lane{way: w.clients.WayOf(i), patterns: of[i], alike: true}
		for _, s := range t.Sites {
			l.alike = l.alike && of[i][s] == of[i][t.Sites[0]]
		}
		if l.alike && len(t.Sites) > 0 {
			l.pattern = of[i][t.Sites[0]]
		}
		l.bare = l.way == traffic.OwnWay && t.Setup == nil && n.passages != nil
		if t.Exchange != nil {
			l.thinking = t.Exchange.Thinking()
		}
		if config.Loss > 0 {
			l.loss = w.engine.Stream("network/" + t.Name + "/loss")
		}
		n.lanes = append(n.lanes, l)
	}
	n.out = sim.NewLane(sim.Bind(w.engine, "network/request", sim.Arrive, w.onOut))
	n.back = sim.NewLane(sim.Bind(w.engine, "network/answer", sim.Depart, w.onBack))
	n.reset = sim.Bind(w.engine, "network/reset", sim.Fault, w.onFall)
	n.obs, _ = w.obs.(flow.NetworkObserver)
	w.network = n
	w.clients.Distant()
	return nil
}
