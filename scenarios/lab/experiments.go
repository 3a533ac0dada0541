package lab

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"lbsim/scenarios"
)

// Experiment is a scenario that comes with the lab.
type Experiment struct {
	Name   string
	About  string
	Source scenarios.Source
}

//go:embed experiments
var experiments embed.FS

// Experiments lists the scenarios that come with the lab, by name.
func Experiments() (list []Experiment) {
	folder, err := fs.Sub(experiments, "experiments")
	if err != nil {
		panic(err) // the folder is embedded
	}
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		panic(err) // of a pattern that is wrong
	}
	slices.Sort(names)
	for _, file := range names {
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			panic(err) // it is embedded
		}
		list = append(list, Experiment{
			Name: strings.TrimSuffix(file, ".yaml"), About: about(string(text)),
			Source: scenarios.Source{Name: file, Text: text, Folder: folder},
		})
	}
	return list
}

// about returns what an experiment says that it is about.
func about(text string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "about: "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
