package scenarios

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed library
var library embed.FS

// Library is the folder of the bundled scenarios and their data.
func Library() fs.FS {
	sub, err := fs.Sub(library, "library")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// LibraryNames lists the bundled scenarios.
func LibraryNames() []string {
	entries, err := fs.ReadDir(Library(), ".")
	if err != nil {
		panic(err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
