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
	if !(c.Loss >= 0 && c.Loss <= MaxLoss) {
		k.Add("loss", fmt.Sprintf("%.4g%% is not between 0%% and %.4g%%", 100*c.Loss, 100*MaxLoss), "")
	}
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
