// Package dag models a database availability group of Exchange: mailbox databases
// with copies on several members, of which one is mounted; the quorum without
// which nothing may be mounted; and the choice of the copy that takes over.
//
// What is modelled follows Microsoft's documentation (OfficeDocs-Exchange, folder
// high-availability; windowsserverdocs, understand-quorum): votes of members and
// of the file share witness, dynamic quorum and dynamic witness, best copy
// selection with its ten sets of criteria, attempted copy of the last logs
// (ACLL), the mount dial, datacenter activation coordination (DAC), and the
// return to the copy of preference 1. The following is chosen, where the
// documents do not say or say more than is needed here:
//
//   - The vote that dynamic quorum takes from an even number of members without a
//     witness is that of the one with the highest number.
//   - Whether there is quorum is judged at the end of the instant at which
//     something fails, so that what fails together is lost in one step. The votes
//     are counted anew when the failure is noticed; a further loss in between is
//     judged by the old ones.
//   - When both halves of a divided network reach the witness, it votes with the
//     half of the primary active manager (PAM).
//   - A crash is over after 30 s, which is a documented example: 10 s without
//     heartbeats, 1 s to decide, 19 s to mount. If the primary active manager was
//     lost, 3 s are for the move of its role.
//   - A database where it was last mounted mounts in no time when its member has
//     restarted: the start of the services is part of the restart.
//   - A copy that comes back has missed what was logged meanwhile, gets that at
//     the rate of Config.CopyRate, and is healthy then.
//
// The filters by the health of servers that Exchange 2013 applies before the sets
// of criteria are left out, as are copies that play their lag down by themselves.
// The log files that a mount loses stay lost: how much of them Safety Net sends
// again is not documented in figures.
// A member that is resumed from saved state, which is not supported, is to be told
// as one that was down.
package dag
