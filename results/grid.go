package results

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A grid is a table with a heading for each row and each column.
type grid struct {
	corner  string
	columns []string
	rows    []string
	cells   [][]string // by row
}

func (g *grid) add(row string, cells []string) {
	g.rows = append(g.rows, row)
	g.cells = append(g.cells, cells)
}

func (g *grid) empty() bool { return len(g.rows) == 0 || len(g.columns) == 0 }

// text writes the grid in no more columns than width. One that is too wide is
// turned, and then cut into several below one another where need be.
func (g grid) text(width int) string {
	if g.empty() {
		return ""
	}
	if g.width() <= width {
		return g.render()
	}
	g = g.turned(width)
	var parts []string
	for !g.empty() {
		n := len(g.columns)
		for n > 1 && g.first(n).width() > width {
			n--
		}
		parts = append(parts, g.first(n).render())
		g = g.after(n)
	}
	return strings.Join(parts, "\n")
}

// turned swaps rows and columns, for a page of that width. Long names become
// headings of several lines, and so do rows that would leave no room.
func (g grid) turned(width int) grid {
	t := grid{corner: "variant", cells: make([][]string, len(g.columns))}
	for _, name := range g.columns {
		t.rows = append(t.rows, wrapped(name, max(16, width/3)))
	}
	for _, name := range g.rows {
		t.columns = append(t.columns, text.WrapSoft(name, max(14, longestWord(name))))
	}
	for i := range g.columns {
		for k := range g.rows {
			t.cells[i] = append(t.cells[i], g.cells[k][i])
		}
	}
	t.align()
	return t
}

// align writes the values of each column so that their plus-minus signs stand
// below one another, and before them the numbers. Words stay as they are.
func (g *grid) align() {
	for k := range g.columns {
		left, right := 0, 0
		for i := range g.rows {
			number, rest, ok := splitValue(g.cells[i][k])
			if ok {
				left, right = max(left, text.StringWidth(number)), max(right, text.StringWidth(rest))
			}
		}
		for i := range g.rows {
			if number, rest, ok := splitValue(g.cells[i][k]); ok {
				// go-pretty trims spaces.
				g.cells[i][k] = strings.Repeat(noBreak, left-text.StringWidth(number)) + number +
					rest + strings.Repeat(noBreak, right-text.StringWidth(rest))
			}
		}
	}
}

// splitValue splits a cell into a number and what follows it: its interval and its
// unit.
func splitValue(cell string) (number, rest string, ok bool) {
	number, _, _ = strings.Cut(cell, " ")
	if number == "" || strings.Trim(number, "0123456789.,-+e<") != "" || strings.Trim(number, "-") == "" {
		return "", "", false
	}
	return number, cell[len(number):], true
}

// wrapped breaks a name between words, and within those that are too long.
func wrapped(name string, width int) string {
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(name) {
		if current != "" && text.StringWidth(current)+1+text.StringWidth(word) > width {
			lines = append(lines, current)
			current = ""
		}
		broken := strings.Split(text.WrapHard(word, width), "\n")
		last := len(broken) - 1
		lines = append(lines, broken[:last]...)
		current = strings.TrimPrefix(current+" "+broken[last], " ")
	}
	return strings.Join(append(lines, current), "\n")
}

func (g grid) first(n int) grid {
	p := grid{corner: g.corner, columns: g.columns[:n], rows: g.rows}
	for _, c := range g.cells {
		p.cells = append(p.cells, c[:n])
	}
	return p
}

func (g grid) after(n int) grid {
	p := grid{corner: g.corner, columns: g.columns[n:], rows: g.rows}
	for _, c := range g.cells {
		p.cells = append(p.cells, c[n:])
	}
	return p
}

// width is the longest line of the rendered grid.
func (g grid) width() int {
	longest := 0
	for line := range strings.Lines(g.render()) {
		longest = max(longest, text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")))
	}
	return longest
}

// render writes the grid with aligned columns and two spaces between them.
func (g grid) render() string {
	s := table.StyleDefault
	s.Format.Header = text.FormatDefault // as it is, not in capitals
	s.Options = table.OptionsNoBordersAndSeparators
	s.Box.PaddingLeft, s.Box.PaddingRight = "  ", ""
	w := g.writer()
	w.SetStyle(s)
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(w.Render(), noBreak, " ") + "\n") {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

func (g grid) markdown() string { return g.writer().RenderMarkdown() + "\n" }

func (g grid) writer() table.Writer {
	w := table.NewWriter()
	header := table.Row{g.corner}
	aligned := []table.ColumnConfig{{Number: 1, Align: text.AlignLeft, AlignHeader: text.AlignLeft, VAlignHeader: text.VAlignBottom}}
	for i, c := range g.columns {
		header = append(header, c)
		aligned = append(aligned, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight, VAlignHeader: text.VAlignBottom})
	}
	w.AppendHeader(header)
	w.SetColumnConfigs(aligned)
	for i, name := range g.rows {
		row := table.Row{name}
		for _, c := range g.cells[i] {
			row = append(row, c)
		}
		w.AppendRow(row)
	}
	return w
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.FieldsSeq(s) {
		longest = max(longest, text.StringWidth(word))
	}
	return longest
}

// wrapAll sets paragraphs to a width, each indented by two and hanging by two
// more, and makes no-break spaces plain ones.
func wrapAll(prefix string, paragraphs []string, width int) string {
	var b strings.Builder
	for _, p := range paragraphs {
		line := " "
		for _, word := range strings.Split(prefix+p, " ") {
			if text.StringWidth(line)+1+text.StringWidth(word) > width && strings.TrimSpace(line) != "" {
				b.WriteString(line + "\n")
				line = "   "
			}
			line += " " + word
		}
		b.WriteString(line + "\n")
	}
	return strings.ReplaceAll(b.String(), noBreak, " ")
}
