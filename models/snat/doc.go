// Package snat models who sits behind which source address: sites of clients
// that share the addresses of a NAT device, and the addresses themselves. It
// is what the balancer can see of its clients.
package snat
