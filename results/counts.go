package results

import "lbsim/models/flow"

// serviceCount is what is counted of one service over the whole run. What is
// told of all services together is added up from it at the end, so that an
// event costs the same with one service or many.
type serviceCount struct {
	requests, conns outcomes
	refused         uint64   // of the connections, those that failed as the server was dead
	turned          turned   // of the connections that were rejected, those that tell why
	moves           moves    // of the connections that a server took
	sessions        sessions // with each client
	members         []memberCount
	held            int      // connections of all its members
	phase           *timings // where response times go in and after a storm, else nil
	before          *timings // response times from the warm-up to the first failure or storm; nil until then
	after           timings  // response times after its last storm
}

// memberCount counts the connections of one member of a service.
type memberCount struct {
	held   int // now
	opened int // since the start of the run
}

// outcomes counts attempts by how they ended.
type outcomes struct {
	arrived, retried uint64
	ended            [5]uint64 // by flow.Outcome
}

// since returns what was counted since o was the earlier value.
func (o outcomes) since(earlier *outcomes) outcomes {
	o.arrived -= earlier.arrived
	o.retried -= earlier.retried
	for k := range o.ended {
		o.ended[k] -= earlier.ended[k]
	}
	return o
}

// and returns what was counted in o and in other.
func (o outcomes) and(other *outcomes) outcomes {
	o.arrived += other.arrived
	o.retried += other.retried
	for k := range o.ended {
		o.ended[k] += other.ended[k]
	}
	return o
}

// turned counts attempts that were turned away, by the reason.
type turned [flow.Refusals]uint64

// since returns what was counted since t was the earlier value.
func (t turned) since(earlier *turned) turned {
	for k := range t {
		t[k] -= earlier[k]
	}
	return t
}

// and returns what was counted in t and in other.
func (t turned) and(other *turned) turned {
	for k := range t {
		t[k] += other[k]
	}
	return t
}

func (o *outcomes) present() uint64 {
	n := o.arrived
	for _, e := range o.ended {
		n -= e
	}
	return n
}
