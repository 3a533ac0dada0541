package nginxconf

import (
	"bytes"
	"strings"
)

// Bounds of a configuration: how deep blocks lie in each other, and how many
// directives there are in all files.
const (
	mostDepth      = 64
	mostDirectives = 500_000
)

// parser reads directives. Whether they are known is looked at later.
type parser struct {
	lexer
	count *int // of directives, in all files
	last  *directive
	stuck *token // the first brace that a word runs into
}

// parse reads a file.
func parse(file string, text []byte, count *int) ([]*directive, error) {
	p := parser{lexer: lexer{file: file, text: text, line: 1}, count: count}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return nil, p.fail(p.here('w'), "save the file without it", "the file begins with a byte order mark, which nginx takes for part of a name")
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		p.line, p.start, p.at = 1+bytes.Count(text[:i], []byte("\n")), 1+bytes.LastIndexByte(text[:i], '\n'), i
		return nil, p.fail(p.here('w'), "", "a byte that is 0: this is no text")
	}
	return p.block(token{}, 0)
}

// block reads directives up to the brace that closes the block which a token has
// opened, or to the end of the file at depth 0.
func (p *parser) block(open token, depth int) (list []*directive, err error) {
	if depth > mostDepth {
		return nil, p.fail(open, "", "blocks lie more than %d deep in each other", mostDepth)
	}
	for {
		t, err := p.next()
		p.takeComment()
		switch {
		case err != nil:
			return nil, err
		case t.kind == 'w':
			d, err := p.directive(t, depth)
			if err != nil {
				return nil, err
			}
			list = append(list, d)
		case t.kind == '}' && depth > 0:
			return list, nil
		case t.kind == 0 && depth == 0:
			return list, nil
		case t.kind == 0 && p.stuck != nil:
			return nil, p.fail(*p.stuck, "a regular expression with braces needs quotes around it", "the block that begins here, or one around it, does not end")
		case t.kind == 0:
			return nil, p.fail(open, "write } where it ends", "the block that begins here does not end")
		default:
			return nil, p.fail(t, "", "unexpected %q: a directive was expected", t.kind)
		}
	}
}

// takeComment gives the comment to the directive before it on its line.
func (p *parser) takeComment() {
	if p.last != nil && p.comment != "" && p.behind == p.last.ends {
		p.last.comment = p.comment
	}
	p.comment = ""
}

// directive reads a directive whose name is a token.
func (p *parser) directive(name token, depth int) (*directive, error) {
	if *p.count++; *p.count > mostDirectives {
		return nil, p.fail(name, "", "there are more than %d directives", mostDirectives)
	}
	d := &directive{name: name.word, text: &p.lexer, begin: name}
	for {
		t, err := p.next()
		if err != nil {
			return nil, err
		}
		p.comment = "" // between the words
		d.ends = p.line
		switch t.kind {
		case 'w':
			d.args = append(d.args, t.word)
			continue
		case ';':
			p.last = d
			return d, nil
		case '{':
			d.blocked, p.last = true, d
			if p.stuck == nil && len(d.args) > 0 && !isSpace(p.text[t.at-1]) && strings.ContainsAny(d.args[len(d.args)-1], `()[]^\`) {
				p.stuck = &t
			}
			if strings.HasSuffix(d.name, "_by_lua_block") {
				return d, p.skipBlock(t)
			}
			d.block, err = p.block(t, depth+1)
			return d, err
		case '}':
			return nil, p.fail(name, "write ; behind it", "the directive %s does not end before the } on line %d", shownName(d.name), t.line)
		}
		return nil, p.fail(name, "write ; behind it", "the file ends within the directive %s", shownName(d.name))
	}
}
