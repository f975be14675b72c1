package report

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"pcapmill/outputs/text"
	"pcapmill/outputs/webpage"
)

//go:embed page.html
var pageSource string

var pageTemplate = webpage.Parse(pageSource)

// HTML writes a page that needs nothing from elsewhere and runs no script.
func HTML(w io.Writer, p *Page) error { return pageTemplate.Execute(w, htmlOf(p)) }

// What the template sees of a Page.

type htmlPage struct {
	Title    string
	Facts    []Fact
	Charts   []htmlChart
	Sections []htmlSection
	Notes    []string
}

type htmlSection struct {
	Name, Doc, None, More string
	Columns               []Column
	Rows                  [][]htmlCell
}

type htmlCell struct {
	Text   string
	Number bool
}

type htmlChart struct {
	Name, Doc     string
	Width, Height int
	Lanes         []htmlLane
	Ticks         []htmlTick
}

// htmlLane is a lane whose bars stand on its base.
type htmlLane struct {
	Name, Most string
	Base, Text int // y
	Class      string
	Bars       []htmlBar
}

type htmlBar struct{ X, Y, Width, Height, Title string }

type htmlTick struct {
	X     int
	Label string
}

// Measures of charts, in pixels.
const (
	laneLeft   = 190 // names stand before it
	laneWidth  = 760
	laneHeight = 34
	laneGap    = 8
	laneRight  = 110 // the highest value stands behind it
	axisHeight = 24
)

func htmlOf(p *Page) *htmlPage {
	h := &htmlPage{Title: shown(p.Title)}
	for _, f := range p.Facts {
		h.Facts = append(h.Facts, Fact{shown(f.Name), shown(f.Text)})
	}
	for i := range p.Charts {
		if len(p.Charts[i].Lanes) > 0 {
			h.Charts = append(h.Charts, htmlChartOf(&p.Charts[i]))
		}
	}
	for i := range p.Sections {
		if s := &p.Sections[i]; len(s.Rows) > 0 || s.None != "" {
			h.Sections = append(h.Sections, htmlSectionOf(s))
		}
	}
	for _, note := range p.Notes {
		h.Notes = append(h.Notes, shown(note))
	}
	return h
}

func htmlSectionOf(s *Section) htmlSection {
	h := htmlSection{Name: shown(s.Name), Doc: shown(s.Doc), Columns: s.Columns}
	if len(s.Rows) == 0 {
		h.None = shown(s.None)
	}
	for _, row := range s.Rows {
		cells := make([]htmlCell, len(row))
		for i, cell := range row {
			cells[i] = htmlCell{shown(cell), s.Columns[i].Number}
		}
		h.Rows = append(h.Rows, cells)
	}
	if s.More > 0 {
		h.More = text.Count(s.More)
	}
	return h
}

func htmlChartOf(c *Chart) htmlChart {
	h := htmlChart{
		Name: shown(c.Name), Doc: shown(c.Doc), Width: laneLeft + laneWidth + laneRight,
		Height: len(c.Lanes)*(laneHeight+laneGap) + axisHeight,
	}
	values := 1
	for i := range c.Lanes {
		values = max(values, len(c.Lanes[i].Values))
	}
	for i := range c.Lanes {
		h.Lanes = append(h.Lanes, htmlLaneOf(c, i, values))
	}
	for i := range 5 {
		if i%2 == 1 && c.Step < int64(time.Second) {
			continue // those at the ends are as long as the space up to the middle
		}
		at := c.First + c.Step*int64(values)/4*int64(i)
		h.Ticks = append(h.Ticks, htmlTick{laneLeft + laneWidth*i/4, tickLabel(at, c.Step, c.Step*int64(values), i%4 == 0)})
	}
	return h
}

// laneColours is how many colours page.html has for lanes.
const laneColours = 7

func htmlLaneOf(c *Chart, number, values int) htmlLane {
	lane := &c.Lanes[number]
	base := (number + 1) * (laneHeight + laneGap)
	top := slices.Max(append(slices.Clone(lane.Values), 1))
	h := htmlLane{Name: shortName(lane.Name), Most: "at most " + text.Count(top), Base: base, Text: base - laneHeight/3, Class: fmt.Sprintf("lane%d", number%laneColours)}
	if lane.Grey {
		h.Class = "grey"
	}
	width := float64(laneWidth) / float64(values)
	for i, v := range lane.Values {
		if v == 0 {
			continue
		}
		height := max(2, laneHeight*float64(v)/float64(top)) // what is there is seen
		h.Bars = append(h.Bars, htmlBar{
			X: pixels(laneLeft + width*float64(i)), Y: pixels(float64(base) - height), Width: pixels(max(1, width-0.5)), Height: pixels(height),
			Title: fmt.Sprintf("%s: %s", Instant(c.First+c.Step*int64(i)), text.Count(v)),
		})
	}
	return h
}

func pixels(x float64) string { return fmt.Sprintf("%.1f", x) }

// tickLabel is a time as short as the step allows; those at the ends of the axis are whole, of
// the others the day is left out where all are of one.
func tickLabel(ns, step, span int64, whole bool) string {
	t := time.Unix(0, ns).UTC()
	date, clock := time.DateOnly, "15:04:05"
	switch {
	case step >= int64(6*time.Hour):
		clock = ""
	case step >= int64(time.Minute):
		clock = "15:04"
	case step < int64(time.Second):
		clock = "15:04:05.000"
	}
	if !whole && clock != "" {
		date = "01-02"
		if span <= int64(24*time.Hour) {
			date = ""
		}
	}
	return strings.TrimSpace(t.Format(date + " " + clock))
}
