// Package capture reads and writes captures of TCP connections, and tells from
// a capture where delayed acknowledgements and Nagle's algorithm cost time.
//
// # Stalls
//
// A receiver may hold back an acknowledgement for up to half a second (RFC 9293,
// 3.8.6.3). A sender under Nagle's algorithm (RFC 896) may hold back a segment
// that is not full until what it sent before is acknowledged. Where the two meet,
// both wait for the timer of the receiver. In a capture such a stall is
//
//  1. data of one end, less than two full segments of it unacknowledged,
//  2. an acknowledgement of all of it, without data, that comes later than the
//     round trip to the other end explains,
//  3. at once, that is after the round trip to the first end, more data of that
//     end.
//
// Without the third step nobody waited for the acknowledgement: a delay like
// that costs nothing, and is counted apart.
//
// The round trip between the place of the capture and either end is the least
// time that an acknowledgement took, so it does not matter where the capture was
// made. At the client the round trip to the client is next to nothing, at the
// server that to the server.
//
// # What it saves
//
// Without Nagle's algorithm the second segment would have left with the first:
// that saves all the time between the two. With an acknowledgement of every
// segment the delay is saved, but the second segment still waits for a round
// trip. Both take for granted that the sender had the second segment ready when
// it sent the first; a capture cannot tell, so they are upper bounds.
//
// # Limits
//
// A capture is read as a stream: memory is bounded by the number of connections
// that are open at once, and that by Options. Delays below 8 ms, or below half of
// the round trip to the end that acknowledges, are not told from its variation. A
// connection of which only one direction was captured tells nothing. Tunnels are
// not looked into.
//
// # Writing
//
// A Writer turns packets of package tcp into a capture that Wireshark reads
// without a remark: the addresses are given, the clock begins at Epoch, and what is
// in the packets is a filler. A conversation takes one exchange after the other:
//
//	w, err := NewWriter(file, 100e6)
//	c := w.Open(client, server, [2]int{1460, 1460}, AtClient)
//	c.Add(start, trace.Packets, 0) // for each exchange
//	err = w.Flush(now)             // from time to time
//	err = w.Close()
package capture
