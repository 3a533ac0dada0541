package results

import "strings"

// Term tells what a metric means, and how reports name and write it.
type Term struct {
	Name    string // of the metric
	Label   string // in tables and sentences
	Short   string // as a column of the servers' table; "" for the Label
	Display Display
	Meaning string // one sentence
}

// Glossary holds every metric that needs a word, in the order in which reports
// explain them. Metrics of a family share one entry: see TermOf.
var Glossary = []Term{
	{"storm.peak_factor", "storm peak", "", Plain, "Highest rate of new connections to the server that came back, over its fair share (the total rate divided by the usable servers)."},
	{"storm.share_first", "share in its first 3 s", "", Percent, "Its share of all new connections in the first 3 s after its return."},
	{"storm.connections", "connections until level", "", Plain, "New connections that the returning server took until it was level with the others."},
	{"storm.rebalance_time", "level after", "", Seconds, "From its first connection after the return until its connections stay within 10 % of the mean over all usable servers for 1 s."},
	{"storm.response_time", "response time", "", Seconds, "Response times of its service before the failure, from the return until the server is level, and afterwards."},
	{"imbalance.max_over_mean", "max/mean users", "", Plain, "Users on the fullest server over the mean of all servers; 1 is perfectly even."},
	{"imbalance.connections.max_over_mean", "max/mean connections", "", Plain, "The same for connections."},
	{"imbalance.work.max_over_mean", "max/mean work", "", Plain, "The same for the CPU time that servers spent."},
	{"imbalance.cov", "variation of users", "", Plain, "Standard deviation over the mean, of users per server; 0 is perfectly even."},
	{"imbalance.connections.cov", "variation of connections", "", Plain, "The same for connections."},
	{"imbalance.work.cov", "variation of work", "", Plain, "The same for work."},
	{"imbalance.jain", "Jain's index of users", "", Plain, "Jain's fairness index of users per server: 1 is perfectly even, 1/n if one of n servers has them all."},
	{"imbalance.connections.jain", "Jain's index of connections", "", Plain, "The same for connections."},
	{"imbalance.work.jain", "Jain's index of work", "", Plain, "The same for work."},
	{"imbalance.gini", "Gini of users", "", Plain, "Gini coefficient of users per server: 0 is perfectly even."},
	{"imbalance.connections.gini", "Gini of connections", "", Plain, "The same for connections."},
	{"imbalance.work.gini", "Gini of work", "", Plain, "The same for work."},
	{"response_time", "response time", "", Seconds, "What the client waits for an answer: network, queues and service. p99: 99 % of the requests were at least as fast."},
	{"wait_time", "waiting time", "", Seconds, "Time in queues, part of the response time."},
	{"connect_time", "connect time", "", Seconds, "Time to set up a connection."},
	{"network_time", "network time", "", Seconds, "Time on the wire, part of the response time."},
	{"arrived", "arrived", "", Plain, "Requests sent, or connections attempted where the traffic has no requests, after the warm-up."},
	{"rejected_share", "rejected share", "", Percent, "Share of the arrivals that was refused at once."},
	{"timed_out_share", "timed out share", "", Percent, "Share of the arrivals that the client gave up."},
	{"reset_share", "reset share", "", Percent, "Share of the arrivals cut off by a failure."},
	{"retried_share", "retried share", "", Percent, "Share of the arrivals that were second or later attempts."},
	{"users", "users", "", Plain, "Distinct clients that a server had."},
	{"sources", "source addresses", "", Plain, "Distinct addresses that a server saw its clients come from."},
	{"sources.clients_max", "clients behind one source", "", Plain, "Clients behind the source address of a server that most of its clients are behind; each counts where it came from first."},
	{"connections", "connections", "", Plain, "Connections that a server took, or held when measuring began."},
	{"share", "share of connections", "share", Percent, "A server's share of the connections of its service."},
	{"connections.mean", "mean open connections", "open, mean", Plain, "Connections open at the same time, mean over the measured time."},
	{"connections.max", "most open connections", "open, max", Plain, "Most connections open at the same time."},
	{"connections.reset", "connections reset", "", Plain, "Open connections that were cut off, in use or not, by a server that failed or by the balancer."},
	{"new_connections.per_s_max", "most new connections in 1 s", "", Rate, "Most connections opened within one second."},
	{"work", "work", "work", Seconds, "CPU time spent."},
	{"work_share", "share of work", "work share", Percent, "A server's share of the CPU time that its service's servers spent."},
	{"utilization", "utilization", "", Percent, "Busy cores over all cores, mean over the measured time."},
	{"utilization.max", "highest utilization", "", Percent, "Utilization of the server that was busiest."},
	{"memory.max", "most memory in use", "memory, max", Percent, "Memory of connections over what there is for them, of the server and at the time where it was most."},
	{"memory.refused", "refused for lack of memory", "", Plain, "Connection attempts for which the server had no memory left."},
	{"balancer_utilization", "utilization of the balancer", "", Percent, "Busy cores over all cores of the balancer that do TLS handshakes."},
	{"queue.mean", "mean waiting requests", "queue, mean", Plain, "Requests that wait at the servers for a slot or a core."},
	{"queue.max", "most waiting requests", "queue, max", Plain, "Most requests that waited at the same time."},
	{"balancer_queue.mean", "mean waiting at the balancer", "balancer's queue, mean", Plain, "Connections that wait at the balancer because servers are at max_connections. Their requests are not under way yet."},
	{"balancer_queue.max", "most waiting at the balancer", "balancer's queue, max", Plain, "Most connections that waited at the balancer at the same time; the sum over services and balancers."},
	{"present.mean", "requests under way", "", Plain, "Requests sent and not yet answered, mean over the measured time."},
	{"broken_sessions_share", "broken sessions", "", Percent, "Of the connections (requests, where the balancer decides for each) that continue a client's session, those that a server took which is not the one of the client's last connection. A client that had no connection for longer than session.idle begins a new session."},
	{"broken_sessions", "sessions broken", "", Plain, "How often that happened, under any persistence or none."},
	{"moved_clients", "clients moved", "", Plain, "Persistent clients that changed server for another reason than their own silence."},
	{"moved.server_down", "moved: server down", "", Plain, "Connections of persistent clients to another server than before, as theirs was down."},
	{"moved.drained", "moved: server drained", "", Plain, "The same, as it took no new connections."},
	{"moved.full", "moved: server full", "", Plain, "The same, as it was at its limit of connections."},
	{"moved.evicted", "moved: record evicted", "", Plain, "The same, as the table was full and the client's record gone."},
	{"moved.key_changed", "moved: key changed", "", Plain, "The same, as the client came with another key: a lost cookie, a new TLS session, another address."},
	{"moved.forgotten", "moved: record forgotten", "", Plain, "The same, as another balancer had taken over without the records."},
	{"moved.remapped", "moved: table changed", "", Plain, "The same, as hosts had joined or left and the table of who belongs where had changed, while theirs was fine."},
	{"moved.expired", "moved: record expired", "", Plain, "The same, as its record had expired. These are not among the clients moved."},
	{"detection.time", "failure noticed after", "", Seconds, "From a server's failure until the balancer marks it down, mean over all failures that it notices."},
	{"detection.time_max", "failure noticed after, at most", "", Seconds, "The longest of these times."},
	{"drain.time", "empty after", "", Seconds, "From when a server drains or is taken out until it has no connection left, mean over all that become empty."},
	{"drain.time_max", "empty after, at most", "", Seconds, "The longest of these times."},
	{"detection.lost", "attempts lost until noticed", "", Plain, "Connection attempts that met the dead server until the balancer had marked it down, or until it worked again; mean over all failures."},
	{"detection.lost_max", "attempts lost until noticed, at most", "", Plain, "The most of these."},
	{"stuck_to_down", "attempts at a dead server", "", Plain, "Connection attempts that met a server that was already dead, whether it refused them or said nothing; those that the balancer or the client's TCP made again count each."},
	{"snat.ports_max", "most ports in use", "", Plain, "Most ports in use on one translated address, those that rest after a connection included."},
	{"snat.exhausted", "refused for lack of ports", "", Plain, "Connection attempts that failed because a translated address, of clients or of the balancer, had no port left."},
	{"per_source.refused", "refused by source limit", "", Plain, "Connection attempts, and requests, that a server refused because it had enough of them: from that source address, or in a minute."},
	{"sorry", "answered by the sorry server", "", Plain, "Requests that a sorry server answered, as no other server could be used. They count as rejected."},
	{"per_source.clients", "clients refused by source limit", "", Plain, "Distinct clients to whom that happened, whatever address the server saw."},
	{"availability", "availability", "", Percent, "Share of the time in which it answered: at least one server of a service or one virtual machine of a class; a machine itself; of a database, in which it was mounted. Of the run: of the worst service; without services, of the worst class, or else of the worst machine."},
	{"downtime", "downtime", "", Seconds, "The time in which it did not answer; standing still at the end of a live migration does not count."},
	{"members_up", "members up", "", Plain, "Servers of a service, or virtual machines of a class, that answer: mean over the time, or fewest at a time. Of the run: of the service or class with the fewest, or else of all machines."},
	{"members_up.at_least", "members up, at least", "", Percent, "Share of the time in which at least so many of a class answered."},
	{"hosts_up.mean", "hosts up", "", Plain, "Hosts that work, mean over the time."},
	{"host_failures", "host failures", "", Plain, "Hosts that went down, for whatever reason."},
	{"outages", "outages", "", Plain, "Times that a virtual machine ceased to answer."},
	{"restarts", "restarts", "", Plain, "Virtual machines that the platform started again after a failure."},
	{"failovers", "failovers", "", Plain, "Of these, those that it started on another host; of a database, times that another copy took over."},
	{"migrations", "migrations", "", Plain, "Virtual machines that changed their host by migration."},
	{"stun_time", "stun time", "", Seconds, "Time in which virtual machines stood still at the end of a live migration."},
	{"cpu_ready", "CPU ready", "", Percent, "Share of the time in which each virtual processor had work and no core of the host; of the run: of the machine that had most of it."},
	{"evicted", "machines taken down for others", "", Plain, "Virtual machines that were taken down to make room for one of higher priority."},
	{"starts_refused", "starts refused", "", Plain, "Starts of virtual machines that admission control refused."},
	{"quarantines", "quarantines", "", Plain, "Hosts that got no machines any more as they had failed too often."},
	{"colocated_time", "colocated time", "", Seconds, "Time in which at least two machines of one class had the same host; of the run: of the class that had most of it."},
	{"colocated_share", "colocated share", "", Percent, "The same as a share of the time."},
	{"databases.availability", "databases: availability", "", Percent, "Share of the time in which the database that was worst off was mounted."},
	{"databases.downtime", "databases: downtime", "", Seconds, "How long it was not mounted."},
	{"databases.mounted.mean", "databases mounted", "", Plain, "Databases that were mounted, mean over the time."},
	{"databases.thin_time", "databases: few copies", "", Seconds, "How long the database that was worst off had fewer than two healthy copies."},
	{"databases.failovers", "databases: failovers", "", Plain, "Times that another copy of a database took over after a failure."},
	{"databases.false_failovers", "databases: needless failovers", "", Plain, "Of these, those where nothing was wrong with the member that had it: it was not heard for too long."},
	{"databases.switchovers", "databases: switchovers", "", Plain, "Databases that an operator moved."},
	{"databases.returns", "databases: returns", "", Plain, "Databases that moved back to the copy of preference 1 by themselves."},
	{"databases.lost_logs", "databases: log files lost", "", Plain, "Log files that the copies which took over did not have."},
	{"databases.rejected", "rejected without a database", "", Plain, "Requests that were turned away as the database of the client's mailbox was not mounted. They count as rejected."},
	{"thin_time", "few copies", "", Seconds, "Time in which the database had fewer than two healthy copies."},
	{"false_failovers", "needless failovers", "", Plain, "Failovers where nothing was wrong with the member that had the database."},
	{"switchovers", "switchovers", "", Plain, "Times that an operator moved the database."},
	{"returns", "returns", "", Plain, "Times that it moved back to the copy of preference 1 by itself."},
	{"lost_logs", "log files lost", "", Plain, "Log files that a copy which took over did not have."},
	{"quorum.availability", "quorum", "", Percent, "Share of the time in which the database group had quorum."},
	{"quorum.downtime", "without quorum", "", Seconds, "Time in which it had none, and no database was mounted."},
	{"quorum.losses", "losses of quorum", "", Plain, "Times that it lost quorum."},
	{"quorum.evictions", "members evicted", "", Plain, "Members that ran and were left out, as the others did not hear them."},
	{"stalls", "stalls", "", Plain, "Exchanges held up by a delayed acknowledgement."},
	{"stall_time", "stall time", "", Seconds, "Time lost in such stalls."},
}

// TermOf returns the words for a metric. A statistic of a family, such as
// response_time.p99 or storm.response_time.during.p99, has its family's term
// with the rest of the name in the label. An unknown metric is called by its
// name. One of a part, by its path, has the part's name before its label.
func TermOf(metric string) Term {
	if _, part, rest, ok := splitPath(metric); ok {
		t := TermOf(rest)
		t.Name, t.Label, t.Short = metric, part+": "+t.Label, ""
		return t
	}
	for family := metric; family != ""; {
		for _, t := range Glossary {
			if t.Name != family {
				continue
			}
			t.Name = metric
			if rest := strings.TrimPrefix(metric[len(family):], "."); rest != "" {
				t.Label += " " + strings.ReplaceAll(statistic(rest), ".", " ")
				t.Short = ""
			}
			return t
		}
		family = family[:max(0, strings.LastIndexByte(family, '.'))]
	}
	d := Plain
	if strings.HasSuffix(metric, "_share") {
		d = Percent
	}
	if strings.HasSuffix(metric, "_time") {
		d = Seconds
	}
	return Term{Name: metric, Label: metric, Display: d}
}

// statistic puts the statistic before the time it is of: "p99 during" for
// during.p99.
func statistic(rest string) string {
	when, what, ok := strings.Cut(rest, ".")
	if !ok {
		return rest
	}
	return what + " " + when
}

// Column is the heading of a metric in a table of servers.
func (t Term) Column() string {
	if t.Short != "" {
		return t.Short
	}
	return t.Label
}

// Human writes a value of the metric.
func (t Term) Human(v float64) string { return t.Display.Human(v) }
