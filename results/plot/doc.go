// Package plot draws the figures of a Result with gonum/plot.
//
// A figure is one file with one entry in Table: a name, which scenarios use, a
// sentence about it, and a function of a Result that returns a Picture. How
// all figures look (fonts, colours, lines) is decided in style.go.
//
// A Picture is written as SVG or PNG; both have the same bytes in every run.
// SVG follows the reader's light or dark scheme: each colour is an attribute,
// which any program understands, and a class, with which a style sheet
// replaces it.
package plot
