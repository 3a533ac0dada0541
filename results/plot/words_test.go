package plot

import (
	"math"
	"strings"
	"testing"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// A writing is a text in a picture and the rectangle that it covers.
type writing struct {
	text string
	vg.Rectangle
}

// wordsOf returns all texts of a picture.
func wordsOf(t *testing.T, p *Picture) (words []writing) {
	t.Helper()
	var rec recorder.Canvas
	p.drawOn(draw.NewCanvas(&rec, p.width, p.height))
	type frame struct{ x, y, turn vg.Length } // of the coordinates
	now := frame{}
	var stack []frame
	at := func(x, y vg.Length) vg.Point {
		sin, cos := math.Sincos(float64(now.turn))
		return vg.Point{X: now.x + x*vg.Length(cos) - y*vg.Length(sin), Y: now.y + x*vg.Length(sin) + y*vg.Length(cos)}
	}
	for _, a := range rec.Actions {
		switch a := a.(type) {
		case *recorder.Push:
			stack = append(stack, now)
		case *recorder.Pop:
			now, stack = stack[len(stack)-1], stack[:len(stack)-1]
		case *recorder.Rotate:
			now.turn += vg.Length(a.Angle)
		case *recorder.Translate:
			origin := at(a.Point.X, a.Point.Y)
			now.x, now.y = origin.X, origin.Y
		case *recorder.FillString:
			if strings.TrimSpace(a.String) == "" {
				continue
			}
			s := written(ink, a.Size, a.Font.Weight == xfont.WeightBold)
			p, q := at(a.Point.X, a.Point.Y), at(a.Point.X+s.Width(a.String), a.Point.Y+a.Size*0.7)
			words = append(words, writing{a.String, vg.Rectangle{
				Min: vg.Point{X: min(p.X, q.X), Y: min(p.Y, q.Y)}, Max: vg.Point{X: max(p.X, q.X), Y: max(p.Y, q.Y)},
			}})
		}
	}
	return words
}

// apart fails if two texts overlap or one leaves the picture.
func apart(t *testing.T, p *Picture) {
	t.Helper()
	words := wordsOf(t, p)
	const touch = 0.5 // letters are not as wide as their boxes
	for i, a := range words {
		if a.Min.X < -touch || a.Max.X > p.width+touch || a.Min.Y < -touch || a.Max.Y > p.height+touch {
			t.Errorf("%s: %q leaves the picture: %.0f", p.Name, a.text, a.Rectangle)
		}
		for _, b := range words[:i] {
			if a.Min.X+touch < b.Max.X && b.Min.X+touch < a.Max.X && a.Min.Y+touch < b.Max.Y && b.Min.Y+touch < a.Max.Y {
				t.Errorf("%s: %q covers %q", p.Name, a.text, b.text)
			}
		}
	}
}
