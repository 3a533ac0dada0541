// Package nlb models Windows Network Load Balancing: a cluster without a balancer,
// in which every host receives every packet and decides by itself whether it is
// for it.
//
// What is modelled follows Microsoft's documentation: host identifiers, port rules
// with their filtering modes, load weights and handling priorities, affinity,
// heartbeats and convergence, and that nobody looks at services. Three things are
// not published, and the reference model of this package stands for them:
//
//   - the function from an address to a bucket: here the finaliser of MurmurHash3
//     (32 bits) of the address, modulo the number of buckets;
//   - the number of buckets, 60 by what is often said, and how they are given to
//     hosts: here so that the fewest move;
//   - how long convergence takes to end: texts say 2.5 s to 3 s.
//
// Which client meets which host is therefore a result of this model and not of
// Windows; how many clients move, for how long nobody answers them, and how evenly
// they spread depends on the model far less.
//
// A host is a server: its driver and its services. The driver is dead when the
// machine is (server.Silent); a service that has failed or hangs leaves it alive,
// and the host keeps its share of the clients. The mode of the cluster's addresses
// (unicast, multicast) decides how a switch spreads packets and nothing here: in
// unicast mode every port of it gets every packet, which is one reason to have no
// more than eight hosts.
package nlb
