package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/scenarios/strict"
)

func (c *cli) explainCommand() *cobra.Command {
	var f runFlags
	var variant string
	cmd := &cobra.Command{
		Use:   "explain FILE|NAME",
		Short: "print where every value comes from: file, product or default",
		Long: `Explain prints every value that a scenario has once products' and other defaults
are in place: the balancer's first, then the rest. Beside each stands where it
comes from: a line of the file, a flag, a variant, the product, or lbsim's own
default; and of a product's, in which source that was found. A question mark
stands before what is not verified there: general knowledge, second hand,
contradictory or unpublished. At the end come the warnings.

Without --variant it is the scenario without the changes of its variants.
--format json prints {"schema": "lbsim.explain/1", "scenario", "variant",
"products": [{"name", "version", "notes"}], "values": [{"path", "value", "from",
"file", "line", "name", "source", "verified"}], "unverified", "warnings"}; from
is file, flag, variant, product, stack, record or default; file and line are where
the value is written; name, source and verified belong to a variant, a product or
a stack.`,
		Example: `  lbsim explain rejoin-storm --set balancer.product=haproxy
  lbsim explain rejoin-storm --variant '60 s ramp'
  lbsim explain mine.yaml --format json | jq '.values[] | select(.verified == false)'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.format != "text" && c.format != "json" {
				return usageError{fmt.Errorf("--format %q is not one of text, json", c.format)}
			}
			file, err := c.load(cmd, args[0], &f)
			if err != nil {
				return err
			}
			return c.explain(file, variant)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&variant, "variant", "", "`name` of the variant to explain")
	fl.StringArrayVar(&f.set, "set", nil, "change a value, as `path=value` (repeatable)")
	fl.StringVar(&c.format, "format", "text", "`format` of the explanation: text or json")
	complete(cmd, "set", completeSetting)
	complete(cmd, "variant", c.completeVariant)
	return cmd
}

// complete lets the shell complete the values of a flag.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // the flag exists
	}
}

// completeSetting offers what is often set: the product.
func completeSetting(*cobra.Command, []string, string) (settings []string, _ cobra.ShellCompDirective) {
	for _, p := range scenarios.Products {
		settings = append(settings, cobra.CompletionWithDesc("balancer.product="+p.Name, p.Doc))
	}
	return settings, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeVariant offers the variants of the scenario on the command line.
func (c *cli) completeVariant(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
	if len(args) == 1 && args[0] != "-" {
		if file, err := c.load(cmd, args[0], &runFlags{}); err == nil {
			names = file.VariantNames()
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (c *cli) explain(file *scenarios.File, variant string) error {
	x, ok := file.Explain(variant)
	if !ok {
		names := file.VariantNames()
		hint := "the scenario has no variants"
		switch n := len(names); {
		case len(file.Scenario.Variants.Axes) > 0:
			hint = fmt.Sprintf("the %d variants are combinations from %q to %q", n, names[0], names[n-1])
		case n > 0:
			hint = "variants are " + strings.Join(names, ", ")
		}
		if near := flow.Nearest(variant, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return usageError{fmt.Errorf("there is no variant %q: %s", variant, hint)}
	}
	// The balancer is what a reader asks for.
	slices.SortStableFunc(x.Values, func(a, b scenarios.Value) int { return cmp.Compare(rank(a), rank(b)) })
	if c.format == "json" {
		writeJSON(c.stdout, explanationJSON(x))
		return nil
	}
	return explainText(c.stdout, file, x)
}

// rank orders sections: the balancer, the file's own values, everything else.
func rank(v scenarios.Value) int {
	switch {
	case strings.HasPrefix(v.Section, "balancer"), v.Section == "nlb":
		return 0
	case v.Section == "":
		return 1
	}
	return 2
}

// explainWidth is the number of columns of an explanation.
const explainWidth = 100

func explainText(w io.Writer, file *scenarios.File, x *scenarios.Explanation) error {
	t := &explanation{name: file.Name()}
	t.header(file, x)
	for i := 0; i < len(x.Values); {
		n := i + 1
		for n < len(x.Values) && x.Values[n].Section == x.Values[i].Section {
			n++
		}
		t.section(x.Values[i:n])
		i = n
	}
	t.footer(x)
	if _, err := io.WriteString(w, t.String()); err != nil || len(x.Warnings) == 0 {
		return err
	}
	fmt.Fprintln(w)
	return x.Warnings.Render(w, false)
}

// explanation lays out an Explanation for a terminal.
type explanation struct {
	strings.Builder
	name string // of the scenario file
}

func (t *explanation) header(file *scenarios.File, x *scenarios.Explanation) {
	t.WriteString(x.Scenario)
	switch {
	case x.Variant != "":
		fmt.Fprintf(t, ", variant %s", x.Variant)
	case len(file.VariantNames()) > 0:
		fmt.Fprintf(t, ", without the changes of its %d variants", len(file.VariantNames()))
	}
	t.WriteString("\n")
	for _, p := range x.Products {
		t.WriteString("\n")
		t.wrap("", fmt.Sprintf("Product %s: %s, as of %s.", p.Name, p.Title, p.Version))
		for _, note := range p.Notes {
			t.wrap("  - ", note)
		}
	}
}

// wrap writes text in lines of explainWidth, the first after lead.
func (t *explanation) wrap(lead, text string) {
	column := utf8.RuneCountInString(lead)
	blanks := strings.Repeat(" ", column)
	t.WriteString(lead)
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > explainWidth:
			t.WriteString("\n" + blanks)
			column = len(blanks)
		default:
			t.WriteString(" ")
			column++
		}
		t.WriteString(word)
		column += n
	}
	t.WriteString("\n")
}

// section writes the values of one thing: path, value, origin and source.
func (t *explanation) section(values []scenarios.Value) {
	name := values[0].Section
	if name == "" {
		name = "the file"
	}
	fmt.Fprintf(t, "\n%s\n", name)
	var rows [][3]string
	var wide [3]int
	for i := range values {
		v := &values[i]
		path := strings.TrimPrefix(strings.TrimPrefix(v.Path, v.Section), ".")
		rows = append(rows, [3]string{path, v.Text, v.From(t.name)})
		for k, limit := range []int{34, 30, 20} {
			if n := utf8.RuneCountInString(rows[i][k]); n <= limit {
				wide[k] = max(wide[k], n)
			}
		}
	}
	for i, r := range rows {
		mark := " "
		if p := values[i].Preset; p != nil && !p.Verified {
			mark = "?"
		}
		line := fmt.Sprintf("%s %-*s  %-*s  %s", mark, wide[0], r[0], wide[1], r[1], r[2])
		if p := values[i].Preset; p != nil {
			t.source(line, 2+wide[0]+2+wide[1]+2+wide[2]+2, p.Source)
			continue
		}
		t.long(line, r, wide)
	}
}

// long writes a line without a source; a list that is too long for it goes on
// below.
func (t *explanation) long(line string, r [3]string, wide [3]int) {
	if utf8.RuneCountInString(line) <= explainWidth {
		t.WriteString(strings.TrimRight(line, " ") + "\n")
		return
	}
	fmt.Fprintf(t, "  %-*s  %-*s  %s\n", wide[0], r[0], wide[1], "", r[2])
	t.wrap("    ", r[1])
}

// source writes a line and, from a column on, the source: beside it if it fits,
// else below.
func (t *explanation) source(line string, column int, source string) {
	if n := utf8.RuneCountInString(line); n < column && column+utf8.RuneCountInString(source) <= explainWidth {
		t.WriteString(line + strings.Repeat(" ", column-n) + source + "\n")
		return
	}
	t.WriteString(line + "\n")
	t.wrap("      ", source)
}

func (t *explanation) footer(x *scenarios.Explanation) {
	presets, unverified := 0, unverified(x)
	for i := range x.Values {
		if x.Values[i].Preset != nil {
			presets++
		}
	}
	switch {
	case presets == 0 && len(x.Products) == 0:
		t.WriteString("\nNo product is named: what the file leaves open are lbsim's own defaults.\n")
	case presets == 0:
		t.WriteString("\nThe file gives everything that the product would.\n")
	case unverified == 0:
		fmt.Fprintf(t, "\n%d values come from the %s, all of them verified in its sources.\n", presets, givers(x))
	default:
		fmt.Fprintf(t, "\nNot verified, marked ?: %d of the %s's %d values. Check them against yours.\n", unverified, givers(x), presets)
	}
}

// givers names what gave values beside the file: the product, stacks of the network or
// both.
func givers(x *scenarios.Explanation) string {
	by := func(o scenarios.Origin) bool {
		return slices.ContainsFunc(x.Values, func(v scenarios.Value) bool { return v.Origin == o })
	}
	switch {
	case !by(scenarios.ByStack):
		return "product"
	case !by(scenarios.ByProduct):
		return "stack"
	}
	return "product and stack"
}

func unverified(x *scenarios.Explanation) (n int) {
	for i := range x.Values {
		if p := x.Values[i].Preset; p != nil && !p.Verified {
			n++
		}
	}
	return n
}

type explanationDoc struct {
	Schema     string             `json:"schema"`
	Scenario   string             `json:"scenario"`
	Variant    *string            `json:"variant"`
	Products   []productDoc       `json:"products"`
	Values     []valueDoc         `json:"values"`
	Unverified int                `json:"unverified"`
	Warnings   strict.Diagnostics `json:"warnings"`
}

type productDoc struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Notes   []string `json:"notes"`
}

type valueDoc struct {
	Path     string           `json:"path"`
	Value    string           `json:"value"`
	From     scenarios.Origin `json:"from"`
	File     string           `json:"file,omitempty"`
	Line     int              `json:"line,omitempty"`
	Name     string           `json:"name,omitempty"`
	Source   string           `json:"source,omitempty"`
	Verified *bool            `json:"verified,omitempty"`
}

func explanationJSON(x *scenarios.Explanation) explanationDoc {
	d := explanationDoc{
		Schema: "lbsim.explain/1", Scenario: x.Scenario, Unverified: unverified(x),
		Products: []productDoc{}, Values: []valueDoc{}, Warnings: strict.Diagnostics{},
	}
	if x.Variant != "" {
		d.Variant = &x.Variant
	}
	for _, p := range x.Products {
		d.Products = append(d.Products, productDoc{p.Name, p.Version, p.Notes})
	}
	for i := range x.Values {
		v := &x.Values[i]
		one := valueDoc{Path: v.Path, Value: v.Text, From: v.Origin, File: v.File, Line: v.Line, Name: v.Name}
		if v.Preset != nil {
			one.Source, one.Verified = v.Preset.Source, &v.Preset.Verified
		}
		d.Values = append(d.Values, one)
	}
	d.Warnings = append(d.Warnings, x.Warnings...)
	return d
}
