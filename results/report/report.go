package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"

	"lbsim/results"
	"lbsim/results/plot"
)

//go:embed template.html
var templateText string

//go:embed style.css
var styleText string

var pageTemplate = template.Must(template.New("report").Parse(templateText))

// Write writes the report of a result. The same result gives the same bytes.
func Write(w io.Writer, r *results.Result) error {
	p := newPage(r)
	p.Style = template.CSS(styleText + plot.Style())
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}
