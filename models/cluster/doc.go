// Package cluster models the hosts below the servers: virtual machines, where
// they are placed, what a host's failure takes down with it, and how soon and
// where it comes back.
//
// What a platform such as a Windows failover cluster or vSphere decides is a
// Placer (package cluster/place, a file each); what happens between its decisions
// is the same for all of them and is here: failures and their detection, boot
// times, migrations, the processors that machines on one host share.
package cluster
