package traffic

import "lbsim/models/flow"

// Mailboxes says that the clients of a stream have mailboxes in the databases of the
// database group, each client one, in one database. Clients are dealt out to the
// databases by their numbers, in all variants alike, so that these have the same
// number of them but for one.
//
// As with Exchange 2013 and later, any server takes a client's connection, and
// passes its requests on to the server where the client's database is mounted, which
// does the work. The log-on and TLS stay with the server that has the connection.
type Mailboxes struct {
	// WhileDismounted is what becomes of a request whose database is mounted
	// nowhere; "" is reject.
	WhileDismounted WhileDismounted `yaml:"while_dismounted" doc:"what becomes of a request whose database is mounted nowhere; reject: it is answered with an error at once; wait: until the database is mounted (Exchange 2010, in whose client access servers connections stay)"`
	// Relay is the CPU time of passing a request on, as a share of its demand. It
	// is work of the server that has the connection, done while the other one
	// works: it makes no answer later but for what it takes from others.
	Relay flow.Share `yaml:"relay" doc:"CPU time of passing a request on to another server, as a share of the request's, for the server that passes it on; not published, to be varied"`
}

// WhileDismounted is what becomes of requests whose database is mounted nowhere.
type WhileDismounted string

// The ways.
const (
	RejectDismounted WhileDismounted = "reject"
	AwaitMounted     WhileDismounted = "wait"
)

// DismountedWays lists the ways with their documentation.
var DismountedWays = flow.Table[WhileDismounted]{
	{Name: "reject", Doc: "an error at once, which the client may retry", New: func() WhileDismounted { return RejectDismounted }},
	{Name: "wait", Doc: "it waits for the database, or until its client gives up", New: func() WhileDismounted { return AwaitMounted }},
}

// FromScalar lets the way alone stand for it.
func (m *Mailboxes) FromScalar(way string) error {
	m.WhileDismounted = WhileDismounted(way)
	return nil
}

// SetDefaults makes it requests that are turned away while their database is not
// mounted, and passed on at no cost otherwise.
func (m *Mailboxes) SetDefaults() { m.WhileDismounted = RejectDismounted }

// Validate checks the fields.
func (m *Mailboxes) Validate() []flow.Problem {
	ps := flow.OneOfOrNone("while_dismounted", m.WhileDismounted, DismountedWays.Names()...)
	return append(ps, flow.CheckShare("relay", m.Relay)...)
}
