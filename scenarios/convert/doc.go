// Package convert turns what people have into what lbsim runs: access logs
// into traces and scenarios, and traces into arrivals.
//
// # Logs
//
// ReadLog reads the NCSA common and combined formats (Apache, nginx), HAProxy's
// HTTP and TCP formats and the W3C extended format (IIS), plain or gzip,
// recognised by content: the format of most of the first 1,000 lines is tried
// first, then that of the line before. A log is
// evidence that somebody's server wrote under stress, so a line that does not
// parse is counted and shown, never fatal and never silent; an input without
// a single request is an error.
//
//   - A client is an address plus a user agent where the log has agents, else
//     an address. Several people behind one address with the same browser are
//     one client: a log cannot tell them apart.
//   - Old logs name hosts instead of addresses. Each distinct name gets a
//     fictitious address: 198.18.0.0, 198.18.0.1, ... (RFC 2544, reserved for
//     benchmarks) in the order in which the file names them, and, should those
//     131,072 not suffice, 240.2.0.0, 240.2.0.1, ... (reserved since RFC 1112).
//   - Times become time since the earliest request, which is t = 0. Logs are
//     not always in time order: Apache stamps the start of a request and
//     writes the line at its end. Entries are sorted by time; those of one
//     instant stay in file order.
//   - IIS stamps the end of a request, so where a W3C log has time-taken, a
//     request starts at its stamp minus the time taken. nginx stamps the end
//     too. Its common formats do not say how long a request took, and nothing
//     tells their lines from Apache's: those stamps are taken as starts. But a
//     field of seconds with exactly three decimals is $request_time (of several
//     the longest, as upstream times are no longer), or $msec, the end, if it is
//     the stamp in seconds since 1970.
//   - HAProxy stamps the start, in local time without a zone: it is read as UTC.
//     The last of its times, Ta or Tt, is the time taken. Connections over unix
//     sockets have no address and are left out, and so is what HAProxy answered
//     or refused itself: no server was named, and the termination state begins
//     with L or P, or says R, that there was no whole request. All are counted.
//   - Which field holds X-Forwarded-For is decided by the first lines: behind the
//     user agent, or among HAProxy's captured request headers, it is the one
//     most of whose values are lists of addresses. Addresses with ports are
//     those of upstream servers. ReadOptions says what the list is good for.
//   - With ForwardedClient a client is an address in the list; a private one
//     behind another source is another client, a public one is the same.
//   - A stamp before 1990 comes from a clock that was not set; its line counts
//     as malformed, because it would become t = 0.
//
// # Traces
//
// ReadTrace reads the CSV that lbsim itself replays: t_s, client, src, hold_s
// and optionally service and demand_s. Traces are made on purpose, by tools,
// so any bad row is an error, and all of them are reported together.
package convert
