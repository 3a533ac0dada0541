package lab

import "net/netip"

// loopback returns the addresses of 127.0.0.0/8 that stand for others, each for one,
// which must be distinct: for one of those, itself; for a.b.c.d, 127.b.c.d if no
// other has got that; else the next that is free from 127.128.0.1 on. 127.0.0.0/16
// is left to the balancer, and addresses that end in 0 or 255 are left out.
func loopback(addrs []netip.Addr) []netip.Addr {
	out := make([]netip.Addr, len(addrs))
	taken := make(map[netip.Addr]bool, len(addrs))
	for i, a := range addrs {
		if a = a.Unmap(); a.IsLoopback() && a.Is4() {
			out[i], taken[a] = a, true
		}
	}
	for i, a := range addrs {
		if a = a.Unmap(); out[i].IsValid() || !a.Is4() {
			continue
		}
		b := a.As4()
		b[0] = 127
		if local := netip.AddrFrom4(b); usable(b) && !taken[local] {
			out[i], taken[local] = local, true
		}
	}
	next := [4]byte{127, 128, 0, 0}
	for i := range out {
		for !out[i].IsValid() {
			next = after(next)
			if local := netip.AddrFrom4(next); usable(next) && !taken[local] {
				out[i], taken[local] = local, true
			}
		}
	}
	return out
}

func usable(b [4]byte) bool { return b[1] != 0 && b[3] != 0 && b[3] != 255 }

// after returns the address after another one in 127.0.0.0/8, of which there are
// more than clients.
func after(b [4]byte) [4]byte {
	for i := 3; i > 0; i-- {
		if b[i]++; b[i] != 0 {
			return b
		}
	}
	return [4]byte{127, 0, 0, 0}
}
