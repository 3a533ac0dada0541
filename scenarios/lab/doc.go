// Package lab runs a scenario for real, on HAProxy or nginx over loopback, and
// simulates it on the very arrivals that occurred, so that both can be laid side by
// side.
//
// Of a variant of a scenario it takes the arrivals (a simulated run without the
// timeline tells them), writes the balancer's configuration, starts the balancer,
// servers and clients, and carries out the timeline: servers fail and come back, the
// balancer's operator drains them. What clients and servers see and what the balancer
// says of their state is an Observation. It is played back to the recorder that
// observes simulated worlds, so that real and simulated figures are computed by the
// same code.
//
// Unlike the models it runs in real time, with goroutines, and no two runs are alike.
package lab
