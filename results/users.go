package results

import "math/bits"

// clientSet is a set of clients as bits in pages, so that the set of a server
// that few clients reach stays small. A page is as long as a cache line.
type clientSet struct{ pages []*[pageWords]uint64 }

const pageWords = 8

// add adds a client and reports whether it is new.
func (s *clientSet) add(c uint32) bool {
	p := c / (pageWords * 64)
	if int(p) >= len(s.pages) || s.pages[p] == nil {
		s.turnTo(p)
	}
	word, bit := &s.pages[p][c/64%pageWords], uint64(1)<<(c%64)
	before := *word
	*word |= bit
	return before&bit == 0
}

// turnTo makes page p if it does not exist. Inlined into add, it would cost all
// the others.
//
//go:noinline
func (s *clientSet) turnTo(p uint32) {
	for int(p) >= len(s.pages) {
		s.pages = append(s.pages, nil)
	}
	if s.pages[p] == nil {
		s.pages[p] = new([pageWords]uint64)
	}
}

func (s *clientSet) count() int {
	n := 0
	for _, p := range s.pages {
		if p != nil {
			for _, w := range p {
				n += bits.OnesCount64(w)
			}
		}
	}
	return n
}

// join adds the members of o to s.
func (s *clientSet) join(o *clientSet) {
	for p, words := range o.pages {
		if words == nil {
			continue
		}
		s.turnTo(uint32(p))
		for i, w := range words {
			s.pages[p][i] |= w
		}
	}
}
