package nginxconf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"lbsim/scenarios/convert"
)

// A directive is a name with arguments and perhaps a block of others.
type directive struct {
	name    string
	args    []string
	block   []*directive
	blocked bool   // has a block, which may be empty
	comment string // behind it on its line, without the #

	// Of one that was read:
	text  *lexer
	begin token
	ends  int // line on which it, or its head, ends
	// index has the first directive of each name in the block, once it was asked for.
	index map[string]*directive
}

// words makes a directive of its name and its arguments.
func words(w ...string) *directive { return &directive{name: w[0], args: w[1:]} }

// block makes a directive with a block.
func block(head *directive, inside ...*directive) *directive {
	head.block, head.blocked = inside, true
	return head
}

// add appends directives to the block.
func (d *directive) add(inside ...*directive) { d.block = append(d.block, inside...) }

// String is the directive on one line, without its block.
func (d *directive) String() string {
	list := []string{d.name}
	for _, a := range d.args {
		list = append(list, quoted(a))
	}
	return strings.Join(list, " ")
}

// write appends the directive with its block, indented.
func (d *directive) write(out *bytes.Buffer, depth int) {
	indent := strings.Repeat("    ", depth)
	out.WriteString(indent + d.String())
	end := ";"
	if d.blocked {
		end = " {"
	}
	out.WriteString(end)
	if d.comment != "" {
		out.WriteString("  # " + d.comment)
	}
	out.WriteByte('\n')
	if d.blocked {
		for _, one := range d.block {
			one.write(out, depth+1)
		}
		out.WriteString(indent + "}\n")
	}
}

// quoted is an argument as nginx reads it back.
func quoted(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\r\n;{}\"'\\#") {
		return arg
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(arg) + `"`
}

// first returns the first directive of a name in the block, nil if there is none.
func (d *directive) first(name string) *directive {
	if d.index == nil {
		d.index = make(map[string]*directive, len(d.block))
		for _, one := range slices.Backward(d.block) {
			d.index[one.name] = one
		}
	}
	return d.index[name]
}

// fail returns an error at the directive.
func (d *directive) fail(hint, format string, args ...any) error {
	return d.text.fail(d.begin, hint, format, args...)
}

// shownName is a name in a message.
func shownName(name string) string { return fmt.Sprintf("%q", convert.Printable(name)) }
