package fingerprint

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// barCells is how wide a bar is.
const barCells = 24

// RenderView writes a view for people. title says where it is from; it is escaped, as it
// may be a name that comes from a capture.
func RenderView(w io.Writer, title string, v *View) error {
	var b bytes.Buffer
	f := v.Fingerprint
	fmt.Fprintf(&b, "%s\n", text.Escape(title))
	fmt.Fprintf(&b, "%s of %s from %s to %s, %d packets, %d bytes, %d flows\n",
		text.Plural(int64(f.Windows), "window"), time.Duration(f.WindowNanos), instant(f.First), instant(f.Last), f.Packets, f.WireBytes, f.Flows)
	for _, c := range v.Classes {
		fmt.Fprintf(&b, "class %s: %s\n", c.Name, c.Reason)
	}
	for _, u := range v.Undecided {
		fmt.Fprintf(&b, "perhaps %s: %s unknown\n", u.Name, strings.Join(u.Unknown, ", "))
	}
	b.WriteByte('\n')
	z := ""
	if slices.ContainsFunc(v.Bars, func(b Bar) bool { return b.Z.Known }) {
		z = "z" // else only bands stand behind the bars
	}
	lines := [][]string{{"feature", "value", "", z, ""}}
	for i := range v.Bars {
		lines = append(lines, cellsOf(v.Bars[i].Feature.Name, &v.Bars[i]))
	}
	align(&b, lines)
	if v.Timeline != nil {
		renderLine(&b, v.Timeline)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func renderLine(b *bytes.Buffer, l *Line) {
	fmt.Fprintf(b, "\n%s in each window", l.Feature.Name)
	if l.Before > 0 {
		fmt.Fprintf(b, ", without %d older ones", l.Before)
	}
	b.WriteByte('\n')
	var lines [][]string
	for i := range l.Points {
		lines = append(lines, cellsOf(instant(l.Points[i].Start), &l.Points[i].Bar))
	}
	align(b, lines)
}

// cellsOf returns name, value, bar, z and word.
func cellsOf(name string, b *Bar) []string {
	z := ""
	if b.Z.Known {
		z = fmt.Sprintf("%+.1f", b.Z.X)
	}
	return []string{name, readable(b.Feature, b.Value), drawn(b), z, b.Word}
}

// drawn is the bar, with | where the usual is.
func drawn(b *Bar) string {
	cells := []rune(strings.Repeat("·", barCells))
	if !b.Value.Known {
		cells = []rune(strings.Repeat(" ", barCells))
	}
	for i := range int(math.Round(b.Fill * barCells)) {
		cells[i] = '█'
	}
	if b.Usual.Known {
		cells[min(barCells-1, int(b.Usual.X*barCells))] = '|'
	}
	return string(cells)
}

// readable writes a value with its unit; - where it is unknown.
func readable(f *Feature, v Value) string {
	switch {
	case !v.Known:
		return "-"
	case f.Unit == column.Nanos && v.X < maxWindow:
		return duration(time.Duration(math.Round(v.X)))
	case f.Unit == column.Ratio || f.Unit == column.Count || f.Unit == column.None:
		return short(v.X)
	}
	return short(v.X) + " " + string(f.Unit)
}

// duration has four digits at least, and no more than people read.
func duration(d time.Duration) string {
	step := time.Nanosecond
	for d/step >= 100_000 {
		step *= 10
	}
	return d.Round(step).String()
}

func instant(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339) }

// RenderComparison writes a comparison for people. The names are escaped.
func RenderComparison(w io.Writer, source, target string, c *Comparison) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "source %s\ntarget %s\n", text.Escape(source), text.Escape(target))
	sign := "≥"
	if c.Metric.Distance() {
		sign = "≤"
	}
	switch {
	case !c.Value.Known:
		fmt.Fprintf(&b, "no verdict by %s: %s\n", c.Metric, c.Why)
	case c.Match:
		fmt.Fprintf(&b, "match: %s %s %s %s", c.Metric, short(c.Value.X), sign, short(c.Threshold))
	default:
		fmt.Fprintf(&b, "no match: %s %s, a match is %s %s", c.Metric, short(c.Value.X), sign, short(c.Threshold))
	}
	if c.Value.Known {
		fmt.Fprintf(&b, ", of %d features; %d are known on one side only\n", c.Compared, c.OneSided)
	}
	b.WriteByte('\n')
	lines := [][]string{{"feature", "source", "target", "change", "scaled"}}
	for _, d := range c.Deltas {
		percent, scaled := "-", "-"
		if d.Percent.Known {
			percent = fmt.Sprintf("%+.1f%%", d.Percent.X)
		}
		if d.Scaled.Known {
			scaled = fmt.Sprintf("%+.2f", d.Scaled.X)
		}
		lines = append(lines, []string{d.Feature.Name, readable(d.Feature, d.Source), readable(d.Feature, d.Target), percent, scaled})
	}
	align(&b, lines)
	_, err := w.Write(b.Bytes())
	return err
}

// align writes lines of cells, each column as wide as its widest cell.
func align(b *bytes.Buffer, lines [][]string) {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], text.Width(cell))
		}
	}
	for _, line := range lines {
		var s strings.Builder
		for i, cell := range line {
			s.WriteString(cell)
			s.WriteString(strings.Repeat(" ", widths[i]-text.Width(cell)+2))
		}
		b.WriteString(strings.TrimRight(s.String(), " "))
		b.WriteByte('\n')
	}
}
