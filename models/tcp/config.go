package tcp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Config is the network between clients and servers, and how the ends of
// connections over it behave.
type Config struct {
	// RTT is the round-trip time from the client to whom its connection ends at, up
	// to MaxRTT.
	RTT time.Duration `yaml:"rtt" doc:"round-trip time between clients and balancer, or servers if the balancer passes packets on"`
	// Loss is the chance of each packet, either way, up to MaxLoss.
	Loss flow.Share `yaml:"loss,omitempty" doc:"chance of each packet to get lost"`
	// Inspection is what a device in the way adds to the time of each packet,
	// either way.
	Inspection time.Duration `yaml:"inspection,omitempty" doc:"what inspection at the balancer adds to the time of each packet, either way"`
	Client     End           `yaml:"client" doc:"how the clients' systems behave"`
	Server     End           `yaml:"server" doc:"how the servers' systems behave"`
	// Inner, if the balancer ends the clients' connections and has others to the
	// servers; nil if it passes their packets on.
	Inner *Inner `yaml:"inner,omitempty" doc:"the connections between balancer and servers, if it ends those of clients: TLS offload, or any layer 7; left out: it passes packets on"`
	// TLS is between the client and whom its connection ends at.
	TLS TLS `yaml:"tls" doc:"TLS of the clients' connections: none, 1.2, 1.2-resumed, 1.3, 1.3-resumed or 0-rtt"`
	// Certificate is the size of the server's flight with its certificates, in
	// handshakes that are not resumed.
	Certificate flow.Size `yaml:"certificate" doc:"size of the server's part of a full TLS handshake, which is mostly certificates"`
	// Authentication is what a new connection needs before its first exchange.
	Authentication AuthenticationPolicy `yaml:"authentication" doc:"exchanges that authenticate the client on a new connection"`
	// Introspection is a filter in front of the system of one of the ends.
	Introspection Introspection `yaml:"introspection" doc:"a filter of the hypervisor's tools in the virtual machines: off, split or nodelay-lost"`
}

// Inner is the network between a balancer and the servers.
type Inner struct {
	RTT time.Duration `yaml:"rtt" doc:"round-trip time between balancer and servers"`
	// Balancer is the balancer's system, on both of its sides.
	Balancer End `yaml:"balancer" doc:"how the balancer's system behaves, towards clients and servers"`
	// Pooled is whether a connection to the server is open already when a request
	// comes; otherwise the first one on a client's connection opens it.
	Pooled bool `yaml:"pooled" doc:"whether connections to the servers are open already; false: a client's first request opens one"`
	// TLS is between balancer and server.
	TLS TLS `yaml:"tls" doc:"TLS between balancer and servers, as for the clients' connections"`
}

// The ranges of a network's values.
const (
	MaxRTT         = 10 * time.Second
	MaxLoss        = 0.3
	MaxAdded       = time.Second // by inspection or introspection
	MaxCertificate = 256_000
)

// SetDefaults makes it a network without TLS, authentication, loss and distance.
func (c *Config) SetDefaults() {
	c.TLS, c.Certificate, c.Authentication = NoTLS, 4000, NoAuthentication()
}

// SetDefaults makes the connections pooled and plain. The balancer's system asks
// for no delay, as HAProxy does (general knowledge).
func (n *Inner) SetDefaults() {
	n.Pooled, n.TLS, n.Balancer.Nodelay = true, NoTLS, true
}

// NewConfig returns a network with the default ends.
func NewConfig(rtt time.Duration) Config {
	c := Config{RTT: rtt}
	c.Client.SetDefaults()
	c.Server.SetDefaults()
	c.Introspection.SetDefaults()
	c.SetDefaults()
	return c
}

// Validate checks the fields that are not another struct's.
func (c *Config) Validate() []flow.Problem {
	var k flow.Checks
	k.Duration("rtt", c.RTT, 0, MaxRTT)
	k.Float("loss", float64(c.Loss), 0, MaxLoss)
	k.Duration("inspection", c.Inspection, 0, MaxAdded)
	k = append(k, flow.OneOf("tls", c.TLS, TLSKinds.Names()...)...)
	k.Number("certificate", int(c.Certificate), 1, MaxCertificate)
	if c.Authentication == nil {
		k.Add("authentication", "it is not said how clients are authenticated", "write authentication: none")
	}
	return k
}

// Validate checks the fields that are not another struct's.
func (n *Inner) Validate() []flow.Problem {
	var k flow.Checks
	k.Duration("rtt", n.RTT, 0, MaxRTT)
	k = append(k, flow.OneOf("tls", n.TLS, TLSKinds.Names()...)...)
	return k
}

// At returns the network for clients at another distance.
func (c *Config) At(rtt time.Duration) Config {
	other := *c
	other.RTT = rtt
	return other
}

// Introspection is a filter between the network and the system of one of the ends,
// such as the network filter of a hypervisor's tools. What such filters do has not
// been published: the kinds are two guesses, either of which alone turns an
// exchange without delays into one with a delayed acknowledgement.
type Introspection struct {
	Kind IntrospectionKind `yaml:"kind" doc:"off; split: what is written at once leaves in parts; nodelay-lost: nagle is classic whatever the application asks for"`
	// On is the end that has it.
	On IntrospectedSide `yaml:"on" doc:"whose machines have the filter: client, server or both"`
	// Into is how many parts split makes of a write, 2 to MaxParts.
	Into int `yaml:"into" doc:"with kind split: parts of a write"`
	// Latency is added to the time of each packet, either way.
	Latency time.Duration `yaml:"latency,omitempty" doc:"what it adds to the time of each packet, either way"`
}

// IntrospectionKind is what a filter does.
type IntrospectionKind string

// The kinds.
const (
	NoIntrospection IntrospectionKind = "off"
	Split           IntrospectionKind = "split"
	NodelayLost     IntrospectionKind = "nodelay-lost"
)

// IntrospectionKinds lists the kinds with their documentation.
var IntrospectionKinds = flow.Table[IntrospectionKind]{
	{Name: string(NoIntrospection), Doc: "it changes nothing", New: func() IntrospectionKind { return NoIntrospection }},
	{Name: string(Split), Doc: "what an application writes at once comes to the system in parts", New: func() IntrospectionKind { return Split }},
	{Name: string(NodelayLost), Doc: "an application that asks for TCP_NODELAY does not get it: nagle is classic", New: func() IntrospectionKind { return NodelayLost }},
}

// IntrospectedSide is whose machines have a filter.
type IntrospectedSide string

// The sides.
const (
	OnClient IntrospectedSide = "client"
	OnServer IntrospectedSide = "server"
	OnBoth   IntrospectedSide = "both"
)

// IntrospectedSides lists the sides with their documentation.
var IntrospectedSides = flow.Table[IntrospectedSide]{
	{Name: string(OnClient), Doc: "the clients", New: func() IntrospectedSide { return OnClient }},
	{Name: string(OnServer), Doc: "the servers", New: func() IntrospectedSide { return OnServer }},
	{Name: string(OnBoth), Doc: "clients and servers", New: func() IntrospectedSide { return OnBoth }},
}

// MaxParts bounds the parts that a filter makes of a write.
const MaxParts = 64

// SetDefaults makes it one that does nothing, on servers.
func (i *Introspection) SetDefaults() {
	i.Kind, i.On, i.Into = NoIntrospection, OnServer, 2
}

// Validate checks the fields.
func (i *Introspection) Validate() []flow.Problem {
	var c flow.Checks
	c = append(c, flow.OneOf("kind", i.Kind, IntrospectionKinds.Names()...)...)
	c = append(c, flow.OneOf("on", i.On, IntrospectedSides.Names()...)...)
	c.Number("into", i.Into, 2, MaxParts)
	c.Duration("latency", i.Latency, 0, MaxAdded)
	if i.Kind == NoIntrospection && i.Latency != 0 {
		c.Add("latency", fmt.Sprintf("%v, and the filter is off", i.Latency), "write inspection, or kind: split")
	}
	return c
}

// of reports whether the machines of a side have the filter.
func (i *Introspection) of(s Side) bool {
	return i.Kind != NoIntrospection && (i.On == OnBoth || (i.On == OnServer) == (s == ServerSide))
}
