package product

var katran = Product{
	Name: "katran", Title: "Katran",
	Doc:     "Katran: Maglev hashing of the second version, no state, no ramp",
	Version: "main, 2025",
	Notes: []string{
		"Katran hashes the whole flow; lbsim's source-hash the source address. Its hash function is replaced by another.",
		"Katran does not check servers: what controls it does.",
	},
	Values: []Value{
		{Path: "scheduler.kind", Text: "source-hash", If: silent, Source: "Katran, katran/lib/MaglevBase.cpp", Verified: true},
		{Path: "scheduler.table", Text: "maglev", If: on("source-hash"), Source: "Katran, katran/lib/MaglevHashV2.cpp", Verified: true},
		{Path: "scheduler.like", Text: "katran-v2", If: []Is{is("scheduler.kind", "source-hash"), is("scheduler.table", "maglev")}, Source: "Katran, katran/lib/MaglevHashV2.cpp", Verified: true},
		{Path: "slow_start", Text: "none", Source: "Katran: there is none", Verified: true},
		{Path: "source.kind", Text: "transparent", Source: "Katran: packets are tunnelled as they are, general knowledge"},
	},
	Has: map[string][]string{
		"scheduler.kind":   {"source-hash"},
		"scheduler.table":  {"maglev"},
		"persistence.kind": {"none"},
		"slow_start.kind":  {"none"},
	},
}
