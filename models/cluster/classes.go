package cluster

import (
	"slices"
	"strings"
)

// The names by which machines are kept apart are edited in three ways, as by the
// script of Configure-AntiAffinity.ps1. None of them changes the list that it is
// given. Case does not matter (a choice: the documents do not say), and a name
// keeps the spelling in which it came first.

// AddClass returns the names with one more, if it is not among them.
func AddClass(names []string, name string) []string {
	names = slices.Clip(slices.Clone(names))
	if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
		return names
	}
	return append(names, name)
}

// OverwriteClasses returns the name alone, whatever there was.
func OverwriteClasses(_ []string, name string) []string { return []string{name} }

// ClearClasses returns no names.
func ClearClasses([]string) []string { return nil }

// SetClasses gives a machine these names instead of those that it has.
func (v *View) SetClasses(vm int, names []string) {
	var numbers []int32
	for _, name := range names {
		if c := v.class(name); !slices.Contains(numbers, c) {
			numbers = append(numbers, c)
		}
	}
	v.VMs[vm].Classes = numbers
	v.Edits++
}

// ClassNames returns the names that a machine has.
func (v *View) ClassNames(vm int) []string {
	names := make([]string, len(v.VMs[vm].Classes))
	for i, c := range v.VMs[vm].Classes {
		names[i] = v.Classes[c]
	}
	return names
}

// class returns the number of a name, which is a new one if need be.
func (v *View) class(name string) int32 {
	at := slices.IndexFunc(v.Classes, func(c string) bool { return strings.EqualFold(c, name) })
	if at < 0 {
		at = len(v.Classes)
		v.Classes = append(v.Classes, name)
	}
	return int32(at)
}
