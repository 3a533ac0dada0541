package tcp

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

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
