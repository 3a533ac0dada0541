package experiment

import (
	"bufio"
	"bytes"
	"context"
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
	Shard   Shard         `json:"shard"`
	Plan    *SweepPlan    `json:"plan"`
	Methods []pointMethod `json:"methods,omitempty"` // of the shard's points, where these are whole
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
	header := shardHeader{Shard: shard, Plan: &s.SweepPlan}
	cells, err := s.cellsOf(shard, store, keys, &header)
	if err != nil {
		return err
	}
	if err := line(header); err != nil {
		return err
	}
	for _, c := range cells {
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

// cellsOf lists the runs of a shard, and of whole points sets in the header how many each
// has.
func (s *Sweep) cellsOf(shard Shard, store *Store, keys []Key, header *shardHeader) (cells []Cell, err error) {
	if !s.Whole {
		for i := shard.Index; i < s.Runs(); i += shard.Count {
			cells = append(cells, s.cell(i))
		}
		return cells, nil
	}
	for p := shard.Index; p < len(s.Points); p += shard.Count {
		x, err := s.wholePoint(context.Background(), store, keys[p], p, Options{})
		if err != nil {
			return nil, err
		}
		header.Methods = append(header.Methods, x.pointMethod)
		for v := range x.runs {
			for r := range x.Replications {
				cells = append(cells, Cell{p, v, r})
			}
		}
	}
	return cells, nil
}

// A ShardFile is one that was read and found whole. Its runs stay in the file.
type ShardFile struct {
	Path  string
	Shard Shard
	Plan  *SweepPlan

	plan    [sha256.Size]byte // hash of the plan
	runs    []int64           // where each begins
	methods []pointMethod     // of its points, where these are whole
	first   []int             // run of each of these
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
	s.Shard, s.Plan, s.plan, s.methods = head.Shard, head.Plan, sha256.Sum256(text), head.Methods
	n := 0
	for _, m := range s.methods {
		s.first = append(s.first, n)
		n += m.Replications * len(s.Plan.Outline.Variants)
	}
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
	if !p.Whole {
		return runs == part(p.Runs(), s)
	}
	for _, m := range h.Methods {
		if m.Replications < 1 || m.Replications > maxRuns {
			return false
		}
		runs -= m.Replications * len(o.Variants)
	}
	return runs == 0 && len(h.Methods) == part(len(p.Points), s)
}

// part is how many of n a shard has.
func part(n int, s Shard) int { return (n - s.Index + s.Count - 1) / s.Count }

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
func (s *ShardFile) run(f *os.File, c Cell) (*results.Run, error) {
	o := s.Plan.Outline
	i := ((c.Point*len(o.Variants)+c.Variant)*o.Replications + c.Replication) / s.Shard.Count
	if s.Plan.Whole {
		p := c.Point / s.Shard.Count
		i = s.first[p] + c.Variant*s.methods[p].Replications + c.Replication
	}
	text, err := bufio.NewReader(io.NewSectionReader(f, s.runs[i], 1<<40)).ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	run := &results.Run{}
	if err := json.Unmarshal(text, run); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	return run, nil
}
