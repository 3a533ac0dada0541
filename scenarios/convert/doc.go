// Package convert turns what people have into what lbsim runs: access logs
// into traces and scenarios, and traces into arrivals.
//
// # Logs
//
// ReadLog reads the NCSA common and combined formats (Apache, nginx) and the
// W3C extended format (IIS), plain or gzip, recognised by content. A log is
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
//     too, but its common formats do not say how long a request took, and
//     nothing tells its lines from Apache's: their stamps are taken as starts.
//   - A stamp before 1990 comes from a clock that was not set; its line counts
//     as malformed, because it would become t = 0.
//
// # Traces
//
// ReadTrace reads the CSV that lbsim itself replays: t_s, client, src, hold_s
// and optionally service and demand_s. Traces are made on purpose, by tools,
// so any bad row is an error, and all of them are reported together.
package convert
