package results

import "math/bits"

// clientSet is a set of clients as bits in pages, so that the set of a server
// that few clients reach stays small.
type clientSet struct{ pages []*[pageWords]uint64 }

const pageWords = 64

func (s *clientSet) add(c uint32) {
	p := int(c / (pageWords * 64))
	for p >= len(s.pages) {
		s.pages = append(s.pages, nil)
	}
	if s.pages[p] == nil {
		s.pages[p] = new([pageWords]uint64)
	}
	s.pages[p][c/64%pageWords] |= 1 << (c % 64)
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
		for p >= len(s.pages) {
			s.pages = append(s.pages, nil)
		}
		if s.pages[p] == nil {
			s.pages[p] = new([pageWords]uint64)
		}
		for i, w := range words {
			s.pages[p][i] |= w
		}
	}
}
