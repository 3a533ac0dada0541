package flow

// A Kind is one entry of a table of policies: the name a scenario uses after
// "kind:", one line of documentation, and a constructor that returns the
// policy's parameters with their defaults filled in.
type Kind[P any] struct {
	Name string
	Doc  string
	New  func() P
}

// A Table lists the kinds of one policy in the order in which help and error
// messages print them.
type Table[P any] []Kind[P]

// Lookup returns the parameters of the named kind, with defaults.
func (t Table[P]) Lookup(name string) (p P, ok bool) {
	for i := range t {
		if t[i].Name == name {
			return t[i].New(), true
		}
	}
	return p, false
}

// Names lists the kinds' names in table order.
func (t Table[P]) Names() []string {
	names := make([]string, len(t))
	for i := range t {
		names[i] = t[i].Name
	}
	return names
}
