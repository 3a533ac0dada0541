package server

import "lbsim/models/flow"

// Guarded reports whether any server limits its connections.
func (p *Pool) Guarded() bool { return p.doors != nil || p.memories != nil }

// LimitsSources reports whether any server limits connections by their source.
func (p *Pool) LimitsSources() bool { return p.doors != nil }

// Admit reports whether the connection's server lets it in; if not, c.Why says
// which limit forbids it.
func (p *Pool) Admit(c *flow.Conn) bool {
	if p.memories != nil && !p.fits(c) {
		return false
	}
	if p.doors == nil || p.admits(c) {
		return true
	}
	if p.memories != nil {
		p.unload(c)
	}
	return false
}

// Leave ends a connection that was let in.
func (p *Pool) Leave(c *flow.Conn) {
	if p.memories != nil {
		p.unload(c)
	}
	if p.doors != nil {
		p.parts(c)
	}
}
