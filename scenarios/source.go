package scenarios

import (
	_ "embed"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"lbsim/scenarios/strict"
)

// Source is the text of a scenario and the folder of the files that it names.
type Source struct {
	Name   string // for messages
	Text   []byte
	Folder fs.FS // nil: there are no files
}

// ReadFile returns a file that the scenario names.
func (s Source) ReadFile(name string) ([]byte, error) {
	if s.Folder == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fs.ReadFile(s.Folder, name)
}

// Open opens a file that the scenario names.
func (s Source) Open(name string) (fs.File, error) {
	if s.Folder == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return s.Folder.Open(path.Clean(filepath.ToSlash(name)))
}

//go:embed starter.yaml
var starter []byte

// Starter returns a small commented scenario to begin with.
func Starter() []byte { return starter }

// FromLibrary returns a bundled scenario.
func FromLibrary(name string) (s Source, ok bool) {
	text, err := fs.ReadFile(Library(), name+".yaml")
	return Source{Name: name + ".yaml", Text: text, Folder: Library()}, err == nil
}

// FromFile reads a scenario file. A text longer than the language allows is
// cut so that Load refuses it.
func FromFile(path string) (Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return Source{}, err
	}
	defer f.Close()
	text, err := FromReader(path, f)
	text.Folder = os.DirFS(filepath.Dir(path))
	return text, err
}

// FromReader reads a scenario that names no files.
func FromReader(name string, r io.Reader) (Source, error) {
	text, err := io.ReadAll(io.LimitReader(r, strict.MaxBytes+1))
	return Source{Name: name, Text: text}, err
}
