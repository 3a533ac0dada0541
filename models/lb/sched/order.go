package sched

// order keeps members sorted by (key, tie) as far as it must to know the
// first: in a heap of four children a node, which is half as high as one of
// two and touches half as many cache lines.
type order struct {
	heap  []entry
	place []int32 // in the heap, by member; absent if it is not in it
}

type entry struct {
	key    float64
	tie    uint64
	member int32
}

const absent = -1

func (a *entry) before(b *entry) bool {
	return a.key < b.key || a.key == b.key && a.tie < b.tie
}

func newOrder(members int) *order {
	o := &order{heap: make([]entry, 0, members), place: make([]int32, members)}
	for m := range o.place {
		o.place[m] = absent
	}
	return o
}

// first returns the first member, or -1 if there is none.
func (o *order) first() int {
	if len(o.heap) == 0 {
		return -1
	}
	return int(o.heap[0].member)
}

func (o *order) has(m int) bool { return o.place[m] != absent }

// put adds member m, or moves it to where its new key belongs.
func (o *order) put(m int, key float64, tie uint64) {
	i := o.place[m]
	if i == absent {
		i = int32(len(o.heap))
		o.heap = append(o.heap, entry{})
	}
	o.settle(i, entry{key, tie, int32(m)})
}

// remove takes member m out; it need not be in.
func (o *order) remove(m int) {
	i := o.place[m]
	if i == absent {
		return
	}
	o.place[m] = absent
	last := int32(len(o.heap) - 1)
	moved := o.heap[last]
	o.heap = o.heap[:last]
	if i < last {
		o.settle(i, moved)
	}
}

func (o *order) clear() {
	for _, e := range o.heap {
		o.place[e.member] = absent
	}
	o.heap = o.heap[:0]
}

// settle stores x in the hole at i, or above or below it.
func (o *order) settle(i int32, x entry) {
	for i > 0 {
		parent := (i - 1) / 4
		if !x.before(&o.heap[parent]) {
			break
		}
		o.set(i, o.heap[parent])
		i = parent
	}
	n := int32(len(o.heap))
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		for c := child + 1; c < min(4*i+5, n); c++ {
			if o.heap[c].before(&o.heap[child]) {
				child = c
			}
		}
		if !o.heap[child].before(&x) {
			break
		}
		o.set(i, o.heap[child])
		i = child
	}
	o.set(i, x)
}

func (o *order) set(i int32, x entry) {
	o.heap[i] = x
	o.place[x.member] = i
}
