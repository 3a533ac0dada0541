package strict

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// A converter turns the tree of the YAML library into Nodes. Aliases are
// replaced by copies of what they stand for, so that later changes to one place
// cannot alter another.
type converter struct {
	src   *source
	count int
	// open holds the lists and mappings being copied, to notice an alias inside
	// what it refers to.
	open map[*yaml.Node]bool
	// problem is the first error; it ends the conversion.
	problem *Diagnostic
}

func convert(s *source, document *yaml.Node) (*Node, *Diagnostic) {
	c := &converter{src: s, open: map[*yaml.Node]bool{}}
	root := c.node(document.Content[0], 0)
	return root, c.problem
}

// node copies y, which is inside depth lists and mappings.
func (c *converter) node(y *yaml.Node, depth int) *Node {
	n := &Node{src: c.src, line: y.Line, column: y.Column}
	c.count++
	if problem, hint := c.objection(y, depth); problem != "" {
		if c.problem == nil {
			c.problem = c.src.refuse(y.Line, y.Column, problem, hint)
		}
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return c.node(y.Alias, depth)
	case yaml.ScalarNode:
		n.kind, n.text = scalar, y.Value
		n.quoted = y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	case yaml.SequenceNode:
		n.kind = list
		n.items = c.nodes(y, 0, 1, depth+1)
	case yaml.MappingNode:
		n.kind = mapping
		n.keys = c.nodes(y, 0, 2, depth+1)
		n.items = c.nodes(y, 1, 2, depth+1)
		c.checkKeys(n)
	}
	return n
}

// nodes copies every step-th child of y from the first on, until an error.
func (c *converter) nodes(y *yaml.Node, first, step, depth int) []*Node {
	c.open[y] = true
	defer delete(c.open, y)
	children := make([]*Node, 0, len(y.Content)/step)
	for i := first; i < len(y.Content) && c.problem == nil; i += step {
		children = append(children, c.node(y.Content[i], depth))
	}
	return children
}

// objection says why y is refused, or "".
func (c *converter) objection(y *yaml.Node, depth int) (problem, hint string) {
	switch {
	case c.count > MaxNodes:
		return fmt.Sprintf("the file has more than %d keys and values", MaxNodes), "an alias counts as often as it is used"
	case depth > MaxDepth:
		return fmt.Sprintf("more than %d lists and mappings inside each other", MaxDepth), ""
	case y.Kind == yaml.AliasNode && c.open[y.Alias]:
		return fmt.Sprintf("*%s stands inside what it refers to", clip(y.Value)), "write the value out"
	case y.Style&yaml.TaggedStyle != 0 || y.Tag == "!":
		return fmt.Sprintf("tags such as %s are not used here", clip(y.Tag)), "remove it; put text that begins with ! between quotes"
	}
	return "", ""
}

// checkKeys refuses keys that are not plain names.
func (c *converter) checkKeys(n *Node) {
	for _, key := range n.keys {
		if c.problem != nil {
			return
		}
		switch {
		case key.kind != scalar:
			c.problem = c.src.refuse(key.line, key.column, "a field name must be a word, not a list or a mapping", "")
		case key.isNull():
			c.problem = c.src.refuse(key.line, key.column, "a field name is missing before the colon", "")
		case key.text == "<<" && !key.quoted:
			c.problem = c.src.refuse(key.line, key.column, "merging with << is not supported", "write the fields out, or use an alias for a whole value")
		}
	}
}
