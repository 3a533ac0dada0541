// Package report writes a Result as one HTML file that needs nothing else: no
// network, no scripts, figures as SVG in the page. It follows the reader's
// light or dark scheme and prints.
//
// page.go makes the Result into plain tables of words, template.html lays them
// out. All text is escaped by html/template; only the figures and the style
// sheet, which this module makes itself, go in as they are.
package report
