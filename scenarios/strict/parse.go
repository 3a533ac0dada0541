package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits on a file. They are far above what a person writes and low enough that
// no file can hang the program.
const (
	// MaxBytes is the size of the text.
	MaxBytes = 8 << 20
	// MaxLine is the length of a line in bytes.
	MaxLine = 1 << 20
	// MaxDepth is the number of lists and mappings inside each other.
	MaxDepth = 64
	// MaxNodes is the number of keys and values, aliases counted as often as
	// they are used.
	MaxNodes = 200_000
)

// Parse reads one YAML document. The document is nil if the text is not YAML,
// is empty, or is outside the limits; the diagnostics then hold one error.
// Nothing is known yet about the meaning of keys: that is Decode's part.
func Parse(file string, src []byte) (*Document, Diagnostics) {
	s, problem := newSource(file, src)
	if problem == nil {
		var root *Node
		if root, problem = load(s, src); problem == nil {
			return &Document{root: root, src: s}, nil
		}
	}
	return nil, Diagnostics{*problem}
}

// byteOrderMark may stand at the start of a UTF-8 file; some editors write it.
var byteOrderMark = []byte("\ufeff")

// newSource splits src into lines and refuses what is not text of bearable size.
func newSource(file string, src []byte) (*source, *Diagnostic) {
	s := &source{file: file}
	if len(src) > MaxBytes {
		return nil, s.refuse(0, 0, fmt.Sprintf("the file is larger than %d MiB", MaxBytes>>20), "")
	}
	src = bytes.TrimPrefix(src, byteOrderMark)
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return nil, s.refuse(0, 0, "the text is in UTF-16", "save the file as UTF-8")
	}
	s.lines = splitLines(string(src))
	for i, line := range s.lines {
		if len(line) > MaxLine {
			return nil, s.refuse(i+1, 1, fmt.Sprintf("the line is longer than %d bytes", MaxLine), "break it into several lines")
		}
		if text, column := notText(line); text != "" {
			return nil, s.refuse(i+1, column, text, "the file must be plain text in UTF-8")
		}
	}
	if tooManyTokens(src) {
		return nil, s.refuse(0, 0, fmt.Sprintf("the file has more than %d keys and values", MaxNodes), "")
	}
	return s, nil
}

// refuse makes an error; line 0 stands for the file as a whole.
func (s *source) refuse(line, column int, text, hint string) *Diagnostic {
	d := Position{File: s.file, Line: line, Column: column, src: s}.diagnose(text, hint)
	return &d
}

// splitLines cuts text where YAML does: at LF, CR LF and CR. The other line
// breaks of YAML are refused by notText.
func splitLines(text string) []string {
	var lines []string
	for {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return append(lines, text)
		}
		lines = append(lines, text[:i])
		if strings.HasPrefix(text[i:], "\r\n") {
			i++
		}
		text = text[i+1:]
	}
}

// notText says what in a line is not text, and in which column; text is empty
// if all is well. The line is not repeated in the message: it may be binary.
func notText(line string) (text string, column int) {
	for i, r := range line {
		column++
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(line[i:]); size == 1 {
				return fmt.Sprintf("the byte 0x%02x is not UTF-8", line[i]), column
			}
		case r == '\t':
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
			return fmt.Sprintf("the character %U is not text", r), column
		}
	}
	return "", 0
}

// tooManyTokens reports whether src cannot stay below MaxNodes, so that the
// YAML library need not build a tree of gigabytes first. Every key or value
// beyond the first comes with at least one of these characters; the margin
// allows for those in comments and text.
func tooManyTokens(src []byte) bool {
	n := 0
	for _, c := range src {
		switch c {
		case ',', ':', '[', '{', '-', '?', '"', '\'', '!', '&', '*', '|', '>':
			n++
		}
	}
	return n > MaxNodes+MaxNodes/4
}

// depthLimit stops the YAML library at MaxDepth. Aliases are counted by convert.
type depthLimit struct{}

var errDepth = errors.New("too deep")

func (depthLimit) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > MaxDepth {
		return errDepth
	}
	return nil
}

func (depthLimit) CheckAlias(int, int) error { return nil }

const emptyText = "the file is empty"

// load parses src with the YAML library and converts its tree.
func load(s *source, src []byte) (*Node, *Diagnostic) {
	loader, err := yaml.NewLoader(bytes.NewReader(bytes.TrimPrefix(src, byteOrderMark)), yaml.WithPlugin(depthLimit{}))
	if err != nil {
		panic(fmt.Sprintf("strict: options of the YAML library: %v", err))
	}
	var document, second yaml.Node
	err = loader.Load(&document)
	switch {
	case errors.Is(err, io.EOF), err == nil && onlyNull(&document):
		return nil, s.refuse(0, 0, emptyText, "write at least one field")
	case err != nil:
		return nil, s.syntaxError(err)
	}
	if err := loader.Load(&second); err == nil {
		return nil, s.refuse(second.Line, second.Column, "a second document starts here", `remove the line "---" or "..." before it; one file holds one document`)
	} else if !errors.Is(err, io.EOF) {
		return nil, s.syntaxError(err)
	}
	return convert(s, &document)
}

// onlyNull reports whether a document holds nothing but an empty value.
func onlyNull(document *yaml.Node) bool {
	return len(document.Content) == 1 && document.Content[0].Tag == "!!null" && document.Content[0].Value == ""
}
