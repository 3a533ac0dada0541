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
// A rig is one real run: a port for each server, with the server's discipline behind
// it in real time, the balancer as a program of its own, and clients with addresses of
// 127.0.0.0/8 that connect one after the other, in the order of the arrivals. Nobody
// tries again, and each request has a connection of its own. Loopback and the lab's
// programs add 0.2 ms to 0.3 ms to a request. Where the system allows it (to root, or
// with a limit for real-time priority), a run goes before everything else on the
// machine, so that a busy one does not disturb what is measured. Servers fail as in the
// timeline: ports are closed and connections reset, or the port's queue is filled so
// that who connects hears nothing, or work stands still. Operators speak to HAProxy
// over its socket; to nginx they could only by new configurations, with which it
// forgets its counts, so that such a timeline is refused.
//
// Unlike the models it runs in real time, with goroutines, and no two runs are alike.
package lab
