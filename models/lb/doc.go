// Package lb models the balancer: virtual services with a table of servers,
// health checks, persistence, scheduling with slow ramps, connection limits
// and the queue in front of them.
//
// The balancer decides from what it knows: its own counts, the last answers of
// its probes, its configuration. That knowledge is the View, and policies see
// nothing else. What the servers really do is behind the interface Backend,
// which only probes and attempts to connect go through.
package lb
