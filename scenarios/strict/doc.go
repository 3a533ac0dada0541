// Package strict reads YAML text into plain Go structs and reports every
// mistake at its place.
//
// It differs from a general YAML decoder in three ways. Nothing is guessed: an
// unknown key, a duplicate key, a number without its unit or a value out of
// range is an error. Nothing is hidden: decoding goes on after an error, so one
// pass reports all of them, in file order, with the source line and a hint. And
// no input can hang the program or exhaust its memory: size, depth, number of
// values and expansion of aliases are bounded (see the Max constants).
//
// # From text to struct
//
//	doc, problems := strict.Parse("mine.yaml", src)
//	var config Config
//	if doc != nil {
//		problems = doc.Decode(&config, policies)
//		problems = doc.Check(&config, problems)
//	}
//
// A struct takes part through `yaml:"key"` tags; fields without a tag are not
// part of the language. What a field accepts follows from its type:
//
//	bool                       true or false, nothing else
//	int, uint, ... float64     a plain number in range; never quoted
//	string                     any scalar, as written: yes, 007 and none are text
//	time.Duration              250ms 30s 1h30m 2d, and a bare 0
//	flow.Rate                  900/s 12/min 5/h 1/d
//	flow.Share                 0% to 100%
//	flow.Size                  12B 4KB 256GB 1KiB
//	slice                      a list; a single value is not a list of one
//	struct, map[string]T       fields
//	a ListOrFields             a list, or fields in an order that counts
//	pointer                    as its element; absent or null is nil
//	interface                  a policy: {kind: name, ...} or a bare name
//	a type in Policies         one of the words in its table
//	Node                       anything, kept with its position for later
//
// Own types join in by implementing [Scalar] or [Shorthand]; structs inside
// lists, maps and pointers get defaults from [Defaulter]. A struct field tagged
// `yaml:",inline"` contributes its fields to the enclosing mapping. A `doc`
// tag describes the field in the JSON schema.
//
// # Changing values
//
// [Document.Set] and [Document.Apply] change a document before it is decoded.
// Values keep the place they come from, so that a mistake in a command line
// flag or in another section is reported there.
//
// # Writing
//
// [Encode] prints a struct so that decoding the text gives an equal struct, and
// [Schema] describes the accepted text as JSON Schema for editors.
package strict
