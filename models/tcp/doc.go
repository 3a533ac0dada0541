// Package tcp models how long an exchange of messages over a TCP connection takes,
// packet by packet: Nagle's algorithm at the one end and delayed acknowledgements
// at the other, round trips to open a connection and to agree on keys, slow start,
// lost packets.
//
// # What is simulated
//
// Each end of a connection follows one state machine:
//
//	write:   append to the send buffer, then send what may be sent
//	send:    while there are bytes, up to a segment at a time:
//	           stop if the congestion window is full
//	           stop if the segment is not full, and
//	             Nagle is classic and anything is outstanding, or
//	             Nagle is minshall and a segment that was not full is outstanding
//	           send; the segment carries the current acknowledgement
//	data in: acknowledge if enough has come since the last acknowledgement, else
//	         set the timer; then give the bytes to the application; then send
//	timer:   acknowledge
//
// Nagle is RFC 896 and RFC 9293, section 3.7.4; Minshall's variant is that of
// Linux, net/ipv4/tcp_output.c; delayed acknowledgements are RFC 9293, section
// 3.8.6.3, and RFC 5681, section 4.2. The two together make an application wait for
// nothing: what is sent in two writes waits for an acknowledgement that waits for
// an answer. See End for the parameters, and Stacks for those of products.
//
// At one instant what has waited longest comes first: what the application writes,
// then delayed acknowledgements that are due, then packets that arrive, then
// retransmissions.
//
// The messages of TLS and of authentication are sent as data are. Those of TLS are
// not held back by Nagle (a choice: libraries write each flight at once), and what
// a client sends last in a handshake of one round trip is one write with its first
// request, as early data are.
//
// A balancer that ends the clients' connections has others to the servers, and
// writes on each what comes over the other, at once. A filter in front of a system
// is modelled by what it does to writes; see Introspection.
//
// # From packets to runs
//
// Simulate gives all packets of an exchange, as in a capture; WhatIf how long it
// takes with each of Remedies. A run with millions of requests uses a Memo, which
// has simulated what each pattern costs on a connection that is new, idle or in
// use, and looks that up.
//
// # What is left out
//
// Links are infinitely fast and packets do not overtake each other, so that only
// distance counts; receive windows are never full; the congestion window grows by
// slow start and, after a loss, as in RFC 5681 and RFC 6582 without selective
// acknowledgements. The time-out for retransmissions is the round-trip time and
// End.MinRTO, which is what Linux comes to on a path of constant delay; the first
// is 1 s (RFC 6298). A loss is independent of others, and end-of-connection
// packets are not sent again.
package tcp
