// Package cluster models the hosts below the servers: virtual machines, where
// they are placed, what a host's failure takes down with it, and how soon and
// where it comes back.
//
// What a platform such as a Windows failover cluster or vSphere decides is a
// Placer (package cluster/place, a file each); what happens between its decisions
// is the same for all of them and is here: failures and their detection, boot
// times, migrations, the processors that machines on one host share.
//
// A machine whose host fails is down for the time until the platform notices
// (Timing.Detect), for starts that are tried in vain, for its boot and for the
// start of its services. Where the documents of the products do not say, the
// following is chosen:
//
//   - Machines that are placed at one instant are by priority, highest first, then
//     by name, and each sees where the earlier ones have gone.
//   - A host joins at the instant at which it is repaired: the time of repair has
//     its boot in it, as published times have.
//   - A machine with a fault of its own is repaired where it is; if its host is lost
//     meanwhile, it boots elsewhere, and the fault is gone.
//   - A machine whose datastore fails is down and stays with its host. It boots
//     there when the datastore is back. Which hosts reach a datastore is not
//     modelled: say it with the hosts that may have a machine.
//   - The memory of a machine that migrates is taken from both hosts until the end,
//     also while the migration waits for its turn. If its target fails, the machine
//     goes on where it was; one that was saved boots there.
//   - While a host is isolated none of its migrations begins. One that has begun ends.
//   - A quick migration saves a machine's memory and reads it again, at the rate of
//     Transfer.Disk, and the machine is down meanwhile.
//   - A host in quarantine may be up, but gets no machines.
//   - A machine of which nobody says how many of its processors have work (SetBusy)
//     has work for all of them.
//   - Maintenance goes on to the next host when no machine starts any more.
package cluster
