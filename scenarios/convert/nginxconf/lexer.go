package nginxconf

import (
	"bytes"
	"fmt"
	"strings"

	"lbsim/scenarios/convert"
)

// lexer cuts a file into words and punctuation as ngx_conf_read_token does
// (src/core/ngx_conf_file.c): a quote begins a quoted word only at a word's start, a
// backslash keeps the next character from having a meaning, ${ belongs to a
// variable, and # and } are letters inside a word.
type lexer struct {
	file    string
	text    []byte
	at      int
	line    int
	start   int    // where the line begins
	comment string // what the first comment since it was taken says
	behind  int    // on which line it stands
}

// token is a word, or one of ; { } and 0 at the end.
type token struct {
	kind byte // 'w' for a word
	word string
	at   int
	line int
	col  int
}

// longest is how long a word may be, the size of nginx's buffer.
const longest = 4096

// fail returns an error at a token.
func (l *lexer) fail(t token, hint, format string, args ...any) error {
	return &convert.LineError{File: l.file, Line: t.line, Col: t.col, Text: fmt.Sprintf(format, args...), Hint: hint, Source: l.source(t)}
}

// source is the line of a token.
func (l *lexer) source(t token) string {
	rest := l.text[t.at-(t.col-1):]
	rest, _, _ = bytes.Cut(rest[:min(len(rest), longest)], []byte("\n"))
	return convert.Printable(strings.ReplaceAll(strings.TrimRight(string(rest), "\r"), "\t", " "))
}

func (l *lexer) here(kind byte) token {
	return token{kind: kind, at: l.at, line: l.line, col: l.at - l.start + 1}
}

// advance steps over a character.
func (l *lexer) advance() {
	if l.text[l.at] == '\n' {
		l.line++
		l.start = l.at + 1
	}
	l.at++
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// next returns the next token.
func (l *lexer) next() (token, error) {
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case isSpace(c):
			l.advance()
		case c == '#':
			rest, _, _ := bytes.Cut(l.text[l.at+1:], []byte("\n"))
			if l.comment == "" && len(rest) < longest {
				l.comment, l.behind = strings.TrimSpace(string(rest)), l.line
			}
			l.at += 1 + len(rest)
		case c == ';' || c == '{' || c == '}':
			t := l.here(c)
			l.advance()
			return t, nil
		case c == '"' || c == '\'':
			return l.quoted(c)
		default:
			return l.plain()
		}
	}
	return l.here(0), nil
}

// plain reads a word without quotes around it.
func (l *lexer) plain() (token, error) {
	t := l.here('w')
	for l.at < len(l.text) {
		c := l.text[l.at]
		if isSpace(c) || c == ';' || c == '{' && l.text[max(0, l.at-1)] != '$' {
			break
		}
		if c == '\\' && l.at+1 < len(l.text) {
			l.advance()
		}
		l.advance()
	}
	t.word = unescape(l.text[t.at:l.at])
	return t, l.checkLength(t)
}

// quoted reads a word in quotes. Behind it must be a space, punctuation or the
// parenthesis of an if.
func (l *lexer) quoted(quote byte) (token, error) {
	t := l.here('w')
	l.advance()
	for l.at < len(l.text) && l.text[l.at] != quote {
		if l.text[l.at] == '\\' && l.at+1 < len(l.text) {
			l.advance()
		}
		l.advance()
	}
	if l.at >= len(l.text) {
		return t, l.fail(t, "", "the quote %c that begins here does not end", quote)
	}
	t.word = unescape(l.text[t.at+1 : l.at])
	l.advance()
	if err := l.checkLength(t); err != nil {
		return t, err
	}
	if l.at < len(l.text) && !isSpace(l.text[l.at]) && !strings.ContainsRune(";{)", rune(l.text[l.at])) {
		return t, l.fail(l.here('w'), "put a space or ; behind the quotes", "unexpected %q", l.text[l.at])
	}
	return t, nil
}

func (l *lexer) checkLength(t token) error {
	if l.at-t.at > longest {
		return l.fail(t, "", "the word that begins here is longer than %d bytes", longest)
	}
	return nil
}

// unescape replaces what a backslash stands before, as nginx does: quotes, itself, and
// the letters of tabs and line ends. Other backslashes stay.
func unescape(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			if k := strings.IndexByte(`"'\trn`, b[i+1]); k >= 0 {
				out = append(out, "\"'\\\t\r\n"[k])
				i++
				continue
			}
		}
		out = append(out, b[i])
	}
	return string(out)
}

// skipBlock steps over a block in another language, up to the brace that closes it.
func (l *lexer) skipBlock(open token) error {
	for depth := 1; l.at < len(l.text); {
		switch l.text[l.at] {
		case '{':
			depth++
		case '}':
			depth--
		}
		l.advance()
		if depth == 0 {
			return nil
		}
	}
	return l.fail(open, "", "the block that begins here does not end")
}
