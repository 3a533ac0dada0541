package experiment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"lbsim/results"
	"lbsim/scenarios"
)

// A Store keeps replications in a folder, a file for each, so that what was
// interrupted goes on where it was. Processes may share one, also across
// machines: a file is there in one step and whole, and two that make the same
// replication write the same.
type Store struct {
	folder string
	// build is what else than the scenario decides about the bytes of a run.
	build string
	sums  sync.Map // of files, by the scenario's name and theirs
}

// NewStore returns the store in a folder, which need not exist. Only a program of
// the same build finds what it has put there.
func NewStore(folder, build string) *Store { return &Store{folder: folder, build: build} }

// Folder is where the store is.
func (s *Store) Folder() string { return s.folder }

// cellForm names the form of a kept replication. It stands before the checksum of
// the rest.
const cellForm = "lbsim.replication/1 "

// A Key names everything that decides about a scenario's replications.
type Key string

// Key returns the key of a scenario: a hash over its text, the settings, and the
// files that it names, which it reads. The number of replications is left out
// where a setting gives it: more of them begin with the same ones.
func (s *Store) Key(src scenarios.Source, settings []scenarios.Setting, files []string) (Key, error) {
	h := sha256.New()
	part := func(b []byte) { // its length keeps it apart from the next
		fmt.Fprintf(h, "%d ", len(b))
		h.Write(b)
	}
	part([]byte(cellForm + s.build))
	part(src.Text)
	for _, x := range settings {
		if x.Path != "replications" {
			part([]byte(x.Path))
			part([]byte(x.Value))
		}
	}
	for _, name := range files {
		sum, err := s.sum(src, name)
		if err != nil {
			return "", err
		}
		part([]byte(name))
		part(sum)
	}
	return Key(hex.EncodeToString(h.Sum(nil)[:16])), nil
}

// sum returns a hash over a file that a scenario names, read once. A setting may
// name a file anywhere; of one that is in both places, it is over both.
func (s *Store) sum(src scenarios.Source, name string) ([]byte, error) {
	type file struct{ scenario, name string }
	if sum, ok := s.sums.Load(file{src.Name, name}); ok {
		return sum.([]byte), nil
	}
	h := sha256.New()
	read := 0
	for _, open := range []func() (fs.File, error){
		func() (fs.File, error) { return src.Open(name) },
		func() (fs.File, error) { return os.Open(name) },
	} {
		f, err := open()
		if err != nil {
			continue
		}
		n, err := io.Copy(h, f)
		if f.Close(); err == nil {
			read++
			fmt.Fprintf(h, " %d ", n)
		}
	}
	if read == 0 {
		return nil, fmt.Errorf("file %q cannot be read any more", name)
	}
	sum := h.Sum(nil)
	s.sums.Store(file{src.Name, name}, sum)
	return sum, nil
}

func (s *Store) path(key Key, variant, replication int) string {
	return filepath.Join(s.folder, string(key), strconv.Itoa(variant)+"-"+strconv.Itoa(replication))
}

// Has reports whether a replication is there and whole.
func (s *Store) Has(key Key, variant, replication int) bool {
	_, err := s.read(key, variant, replication)
	return err == nil
}

// Get returns a replication of a variant. The error says what is wrong with what
// is there, or is fs.ErrNotExist.
func (s *Store) Get(key Key, variant, replication int) (*results.Run, error) {
	text, err := s.read(key, variant, replication)
	if err != nil {
		return nil, err
	}
	run := &results.Run{}
	return run, json.Unmarshal(text, run)
}

// read returns the text of a replication whose checksum is right.
func (s *Store) read(key Key, variant, replication int) ([]byte, error) {
	path := s.path(key, variant, replication)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, err := unsealed(b, cellForm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}

// Put keeps a replication.
func (s *Store) Put(key Key, variant, replication int, run *results.Run) error {
	text, err := json.Marshal(run)
	if err != nil {
		return err
	}
	return writeFile(s.path(key, variant, replication), sealed(text, cellForm))
}

// sealed puts a line with the form of a text and its checksum before it.
func sealed(text []byte, form string) []byte {
	sum := sha256.Sum256(text)
	return append([]byte(form+hex.EncodeToString(sum[:])+"\n"), text...)
}

// unsealed takes that line off, if it is right.
func unsealed(b []byte, form string) ([]byte, error) {
	line, text, _ := bytes.Cut(b, []byte("\n"))
	sum := sha256.Sum256(text)
	if string(line) != form+hex.EncodeToString(sum[:]) {
		return nil, errDamaged
	}
	return text, nil
}

var errDamaged = errors.New("the file is damaged, or not what it should be")

// writeFile makes a file with this content in one step. Who is killed while
// writing leaves a file with another name at most.
func writeFile(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".new-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
