package lb

// startPolls begins to ask the servers for their load and to check how fast they
// answer, spread over the first interval, if the scheduler wants to know.
func (b *Balancer) startPolls(in *instance) {
	if p, ok := in.scheduler.(Poller); ok {
		b.spread(in, b.ports.poll, p.Every())
	}
	if t, ok := in.scheduler.(Timer); ok {
		b.spread(in, b.ports.check, t.Every())
	}
}

func (b *Balancer) onPoll(at uint64) {
	in, m := b.at(at)
	p := in.scheduler.(Poller)
	b.ports.poll.After(p.Every(), at)
	p.Polled(m, b.backend.Load(in.members[m].server), b.e.Now())
}

func (b *Balancer) onCheck(at uint64) {
	in, m := b.at(at)
	b.ports.check.After(in.scheduler.(Timer).Every(), at)
	b.backend.Check(in.members[m].server, in.index, at, 0)
}
