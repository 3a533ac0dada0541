// Package sched holds the scheduling algorithms, a file each. An algorithm
// sees a balancer's View and nothing else: not the servers' true state, not
// the event queue.
package sched

import (
	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Table lists the algorithms.
var Table = flow.Table[lb.SchedulerPolicy]{
	{Name: "round-robin", Doc: "in turn; smooth weighted round robin when weights differ", New: func() lb.SchedulerPolicy { return &RoundRobin{Start: -1, Like: noProduct} }},
	{Name: "static-round-robin", Doc: "in turn by a table of the configured weights, which slow starts leave alone", New: func() lb.SchedulerPolicy { return &StaticRoundRobin{} }},
	{Name: "random", Doc: "in proportion to the weights; with choices, the least loaded of several draws", New: func() lb.SchedulerPolicy {
		return &Random{Choices: 1, EnvoySchedule: newEnvoySchedule(), Like: noProduct}
	}},
	{Name: "two-choices", Doc: "the less loaded of two servers drawn at random", New: func() lb.SchedulerPolicy { return &TwoChoices{EnvoySchedule: newEnvoySchedule(), Like: noProduct} }},
	{Name: "aperture", Doc: "two choices among a part of the servers, as Finagle does where balancers are many", New: func() lb.SchedulerPolicy { return newAperture() }},
	{Name: "least-connections", Doc: "the fewest connections per weight", New: newLeastConnections},
	{Name: "shortest-expected-delay", Doc: "the fewest connections per weight, counting the new one", New: func() lb.SchedulerPolicy { return &ShortestExpectedDelay{} }},
	{Name: "never-queue", Doc: "an idle server if there is one, else the shortest expected delay", New: func() lb.SchedulerPolicy { return &NeverQueue{} }},
	{Name: "join-idle-queue", Doc: "the server that has been idle longest, as servers report it; else a random one", New: func() lb.SchedulerPolicy { return &JoinIdleQueue{Choices: 1} }},
	{Name: "first", Doc: "the first server with a free place, for pools with max_connections", New: func() lb.SchedulerPolicy { return &First{} }},
	{Name: "fixed", Doc: "the server of the highest weight that is up", New: func() lb.SchedulerPolicy { return &Fixed{} }},
	{Name: "priority", Doc: "another algorithm among the servers of the highest priority, and backup servers when they are out", New: func() lb.SchedulerPolicy { return newPriority() }},
	{Name: "least-response-time", Doc: "the lowest response time times connections", New: newLeastResponseTime},
	{Name: "peak-ewma", Doc: "the better of two servers drawn at random, by response time, where peaks count, times connections", New: newPeakEWMA},
	{Name: "weighted-response-time", Doc: "in turn, in proportion to how fast the servers answer checks", New: newWeightedResponseTime},
	{Name: "adaptive", Doc: "in turn, in proportion to what agents on the servers say is left to give", New: newAdaptive},
	{Name: "prequal", Doc: "the fastest server of a few that were asked, if it has not many requests", New: newPrequal},
	{Name: "source-hash", Doc: "by a hash of the client's source address", New: newSourceHash},
	{Name: "url-hash", Doc: "by a hash of the request's URL", New: func() lb.SchedulerPolicy { return &URLHash{newKeyHashing()} }},
	{Name: "header-hash", Doc: "by a hash of one of the request's headers", New: func() lb.SchedulerPolicy {
		return &HeaderHash{Header: "host", KeyHashing: newKeyHashing()}
	}},
	{Name: "ip-hash", Doc: "by the first three octets of the source address, as in nginx", New: func() lb.SchedulerPolicy { return &IPHash{} }},
}
