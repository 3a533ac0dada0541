package nginxconf

// An Include returns the files that a pattern of include stands for, in the order of
// their names.
type Include func(pattern string) ([]IncludedFile, error)

// IncludedFile is a file that another one includes.
type IncludedFile struct {
	Name string // for messages
	Text []byte
}

// Bounds of includes: how deep they lie in each other, and how many bytes they have
// in all.
const (
	mostIncludes     = 16
	mostIncludedText = 64 << 20
)

// includer replaces includes by what they stand for.
type includer struct {
	read  Include
	count int // of directives
	bytes int // of included files
}

// expand returns the directives with those that they include in their places.
func (in *includer) expand(list []*directive, depth int) (all []*directive, err error) {
	for _, d := range list {
		if d.blocked {
			if d.block, err = in.expand(d.block, depth); err != nil {
				return nil, err
			}
		}
		if d.name != "include" || len(d.args) != 1 || d.blocked || d.args[0] == modulesEnabled || in.read == nil {
			all = append(all, d)
			continue
		}
		if depth == mostIncludes {
			return nil, d.fail("", "files include each other more than %d deep", mostIncludes)
		}
		files, err := in.read(d.args[0])
		if err != nil {
			return nil, d.fail("", "%s", err)
		}
		for _, f := range files {
			if in.bytes += len(f.Text); in.bytes > mostIncludedText {
				return nil, d.fail("", "the included files have more than %d MB", mostIncludedText>>20)
			}
			inner, err := parse(f.Name, f.Text, &in.count)
			if err != nil {
				return nil, err
			}
			if inner, err = in.expand(inner, depth+1); err != nil {
				return nil, err
			}
			all = append(all, inner...)
		}
	}
	return all, nil
}
