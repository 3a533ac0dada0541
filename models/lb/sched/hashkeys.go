package sched

import (
	"fmt"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// URLHash picks a member by a hash of the request's URL, the key "url" of the
// traffic, so that each server caches its part of a site. HAProxy calls it
// balance uri, nginx hash $request_uri. The whole text is hashed; HAProxy would
// leave out what follows a question mark.
type URLHash struct {
	KeyHashing `yaml:",inline"`
}

// HeaderHash picks a member by a hash of a header of the request, or of
// whatever else the traffic has among its keys. HAProxy calls it balance hdr.
type HeaderHash struct {
	// Header is the name of the key, exactly as the traffic has it.
	Header     string `yaml:"header" doc:"name of the header, as among the keys of the traffic"`
	KeyHashing `yaml:",inline"`
}

// KeyHashing is what the hashes of requests have in common. A request without
// the key goes where round robin leads, which under HAProxy walks the table; a
// hash drawn at random decides under Envoy (not verified).
type KeyHashing struct {
	// Hash is the hash function: one of TextHashes, or the one that Like uses.
	Hash    string `yaml:"hash" doc:"default (splitmix64, or the product's), splitmix64, fnv1a, xxhash64, crc32, sdbm, djb2, wt6; the last four also with HAProxy's avalanche, as sdbm-avalanche"`
	Hashing `yaml:",inline"`
}

func newKeyHashing() KeyHashing { return KeyHashing{Hash: defaultHash, Hashing: newHashing()} }

// Key is the name of the key that requests must have.
func (*URLHash) Key() string { return "url" }

// Key is the name of the key that requests must have.
func (p *HeaderHash) Key() string { return p.Header }

// Validate checks the parameters.
func (p *KeyHashing) Validate() []flow.Problem {
	return append(checkHash(p.Hash, TextHashes), p.Hashing.check(true)...)
}

// Validate checks the parameters.
func (p *HeaderHash) Validate() []flow.Problem {
	ps := p.KeyHashing.Validate()
	if p.Header == "" {
		ps = append(ps, flow.Problem{Path: "header", Text: "which header is hashed?", Hint: fmt.Sprintf("write its name, as %q", "host")})
	}
	return ps
}

// NewScheduler implements lb.SchedulerPolicy.
func (p *URLHash) NewScheduler(env lb.Env) lb.Scheduler { return p.newScheduler(env, p.Key()) }

// NewScheduler implements lb.SchedulerPolicy.
func (p *HeaderHash) NewScheduler(env lb.Env) lb.Scheduler { return p.newScheduler(env, p.Key()) }

func (p *KeyHashing) newScheduler(env lb.Env, name string) lb.Scheduler {
	kind := p.kind()
	key := &requestKey{source: env.Keys, key: -1}
	if env.Keys != nil {
		key.key = env.Keys.Key(name)
	}
	if kind.build == nil {
		return newCRCHash(env, key.text)
	}
	key.hash = hashNamed(p.Hash, kind.text, TextHashes)
	return p.newHasher(env, key, kind.build(&p.Hashing, env))
}

// Basis implements lb.SchedulerPolicy.
func (*URLHash) Basis() lb.Basis { return lb.ByHash }

// Basis implements lb.SchedulerPolicy.
func (*HeaderHash) Basis() lb.Basis { return lb.ByHash }

// A hashKey knows what a decision goes by.
type hashKey interface {
	// of returns the hash of the query's key and a small number that stands
	// for the key; ok is false if there is none.
	of(q *lb.Query) (id int, hash uint64, ok bool)
}

// addressKey holds the hashes of the source addresses.
type addressKey []uint64

func (k addressKey) of(q *lb.Query) (int, uint64, bool) { return int(q.Addr), k[q.Addr], true }

// requestKey reads a key of the request. What it has found out about a value it
// remembers.
type requestKey struct {
	source lb.KeySource
	key    int // -1: no request has it
	hash   func(text string) uint64
	known  []knownValue // by value
}

type knownValue struct {
	known bool
	hash  uint64
	text  []byte
}

// value returns what is known of the request's value; nil if it has none.
func (k *requestKey) value(q *lb.Query) (int, *knownValue) {
	if k.key < 0 {
		return 0, nil
	}
	n, ok := k.source.Value(q.Conn, k.key)
	if !ok {
		return 0, nil
	}
	for int(n) >= len(k.known) {
		k.known = append(k.known, knownValue{})
	}
	v := &k.known[n]
	if !v.known {
		text := k.source.Text(k.key, n)
		v.known = true
		if k.hash != nil {
			v.hash = k.hash(text)
		} else {
			v.text = []byte(text)
		}
	}
	return int(n), v
}

func (k *requestKey) of(q *lb.Query) (int, uint64, bool) {
	id, v := k.value(q)
	if v == nil {
		return 0, 0, false
	}
	return id, v.hash, true
}

func (k *requestKey) text(q *lb.Query) []byte {
	if _, v := k.value(q); v != nil {
		return v.text
	}
	return nil
}
