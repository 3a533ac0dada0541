package traffic

// Slots returns how many slots a generator has.
func Slots(g *Generator) int { return len(g.slots) }
