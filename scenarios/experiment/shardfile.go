package experiment

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"lbsim/results"
)

// A shard's file has a line with its form and the checksum of the rest, a line
// with the plan of the sweep and which shard it is, and a line for each run, in
// order.
const shardForm = "lbsim.shard/1 "

type shardHeader struct {
	Shard Shard      `json:"shard"`
	Plan  *SweepPlan `json:"plan"`
}

// WriteShard writes the file of a shard all of whose runs are in the store, in
// one step. The same shard gives the same bytes.
func (s *Sweep) WriteShard(path string, shard Shard, store *Store) error {
	keys, err := s.keys(store)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	line := func(v any) error {
		text, err := json.Marshal(v)
		b.Write(append(text, '\n'))
		return err
	}
	if err := line(shardHeader{shard, &s.SweepPlan}); err != nil {
		return err
	}
	for i := shard.Index; i < s.Runs(); i += shard.Count {
		c := s.cell(i)
		run, err := store.Get(keys[c.Point], c.Variant, c.Replication)
		if err == nil {
			err = line(run)
		}
		if err != nil {
			return err
		}
	}
	return writeFile(path, sealed(b.Bytes(), shardForm))
}

// A ShardFile is one that was read and found whole. Its runs stay in the file.
type ShardFile struct {
	Path  string
	Shard Shard
	Plan  *SweepPlan

	plan [sha256.Size]byte // hash of the plan
	runs []int64           // where each begins
}

// ReadShard reads a shard's file.
func ReadShard(path string) (*ShardFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	first, err := in.ReadString('\n')
	if err != nil {
		return nil, errDamaged
	}
	h := sha256.New()
	rest := bufio.NewReaderSize(io.TeeReader(in, h), 1<<16)
	at := int64(len(first))
	header, err := rest.ReadBytes('\n')
	if err != nil {
		return nil, errDamaged
	}
	s := &ShardFile{Path: path}
	for at += int64(len(header)); ; {
		n, err := skipLine(rest)
		if err == io.EOF && n == 0 {
			break
		}
		if err != nil {
			return nil, errDamaged
		}
		s.runs = append(s.runs, at)
		at += n
	}
	var head shardHeader
	if first != shardForm+hex.EncodeToString(h.Sum(nil))+"\n" || json.Unmarshal(header, &head) != nil || !head.valid(len(s.runs)) {
		return nil, errDamaged
	}
	text, err := json.Marshal(head.Plan)
	s.Shard, s.Plan, s.plan = head.Shard, head.Plan, sha256.Sum256(text)
	return s, err
}

// valid reports whether the header fits itself and the number of runs.
func (h *shardHeader) valid(runs int) bool {
	p, s := h.Plan, h.Shard
	if p == nil || p.Outline == nil || len(p.Axes) == 0 || len(p.Points) == 0 || s.Count < 1 || s.Count > maxShards || s.Index < 0 || s.Index >= s.Count {
		return false
	}
	o := p.Outline
	if len(o.Variants) == 0 || o.Replications < 1 || p.Runs() > maxRuns ||
		slices.ContainsFunc(o.Expect, func(e outlineExpected) bool { return e.Variant < 0 || e.Variant >= len(o.Variants) }) ||
		slices.ContainsFunc(p.Axes, func(a results.Axis) bool { return len(a.Values) == 0 }) ||
		slices.ContainsFunc(p.Points, func(at []string) bool { return len(at) != len(p.Axes) }) {
		return false
	}
	return runs == (p.Runs()-s.Index+s.Count-1)/s.Count
}

// skipLine reads a line of any length and returns how long it is.
func skipLine(r *bufio.Reader) (n int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if n += int64(len(part)); err != bufio.ErrBufferFull {
			return n, err
		}
	}
}

// run reads the run of a cell that is in the shard.
func (s *ShardFile) run(f *os.File, cell int) (*results.Run, error) {
	at := s.runs[cell/s.Shard.Count]
	text, err := bufio.NewReader(io.NewSectionReader(f, at, 1<<40)).ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	run := &results.Run{}
	if err := json.Unmarshal(text, run); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	return run, nil
}
