package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// Text writes a report for a terminal, or for a file that people read.
func Text(w io.Writer, r *drift.Report, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	v := viewOf(r, o)
	p := page{width: o.Width, color: o.Color}
	p.line(0, cell{v.headline, colors[v.verdict]})
	for _, f := range v.facts {
		p.table(0, [][]cell{{{text: f.name + strings.Repeat(" ", len("baseline")-len(f.name))}, {text: f.text}}})
	}
	for i := range v.sections {
		p.section(&v.sections[i])
	}
	p.hosts(v)
	if len(v.quiet) > 0 {
		p.blank()
		p.line(0, cell{text: "without drift: " + strings.Join(v.quiet, ", ")})
	}
	if v.moreItem > 0 {
		p.line(0, cell{text: plural(v.moreItem, "more item") + " had no room in the report"})
	}
	for i, note := range v.notes {
		if i == 0 {
			p.blank()
		}
		p.line(0, cell{text: "note: " + note})
	}
	_, err := w.Write(p.out.Bytes())
	return err
}

// page is text in the making.
type page struct {
	out   bytes.Buffer
	width int
	color bool
}

// cell is escaped text, and how a terminal shows it.
type cell struct{ text, sgr string }

// colors of severities: none, cyan, yellow, red, red in bold.
var colors = [...]string{drift.None: "", drift.Low: "36", drift.Medium: "33", drift.High: "31", drift.Critical: "1;31"}

func (p *page) blank() { p.out.WriteByte('\n') }

// bold is how headings look where there are colours.
const bold = "1"

// Cells of a table are cut to so many, but for the last one, which is broken into lines.
const mostCells = 44

// leastLast is what the last cell must have to stand beside the others.
const leastLast = 30

func (p *page) section(s *section) {
	p.blank()
	p.line(0, cell{s.name + ": " + s.doc, bold})
	lines := [][]cell{{{text: "severity"}, {text: "segment"}, {text: "subject"}, {text: "usual"}, {text: "now"}, {text: "what it means"}}}
	details := [][]string{nil}
	for i := range s.rows {
		r := &s.rows[i]
		sgr := colors[r.severity]
		if r.suppressed {
			sgr = ""
		}
		lines = append(lines, []cell{{r.word(), sgr}, {text: r.segment}, {text: r.subject}, {text: r.usual}, {text: r.now}, {text: r.text}})
		details = append(details, r.details)
	}
	p.tableWith(2, lines, details)
	if s.more > 0 {
		p.line(2, cell{text: "and " + plural(s.more, "more item")})
	}
}

func (p *page) hosts(v *view) {
	if len(v.hosts) == 0 {
		return
	}
	p.blank()
	p.line(0, cell{"hosts: those that have drifted or are new, by drift index", bold})
	lines := [][]cell{{{text: "severity"}, {text: "host"}, {text: "index"}, {text: "0 to 10"}, {text: "windows"}, {text: "action"}}}
	for i := range v.hosts {
		h := &v.hosts[i]
		sgr := colors[h.severity]
		if h.suppressed {
			sgr = ""
		}
		lines = append(lines, []cell{{h.word(), sgr}, {text: h.host}, {text: h.index}, {text: bar(h.fill, 10)}, {text: h.windows}, {text: h.action}})
	}
	p.table(2, lines)
	if more := v.moreHost + v.moreAll; more > 0 {
		p.line(2, cell{text: "and " + plural(more, "more host")})
	}
	for i := range v.hosts {
		p.host(&v.hosts[i])
	}
}

// host is what explains a host's index.
func (p *page) host(h *hostView) {
	if len(h.features) == 0 && len(h.details) == 0 {
		return
	}
	p.blank()
	p.line(2, cell{h.host + ":", bold})
	for _, d := range h.details {
		p.line(4, cell{text: d})
	}
	if len(h.features) == 0 {
		return
	}
	lines := [][]cell{{{text: "share"}, {}, {text: "feature"}, {text: "usual"}, {text: "now"}, {text: "robust z"}}}
	for _, f := range h.features {
		lines = append(lines, []cell{{text: bar(f.share, 10)}, {text: fmt.Sprintf("%3.0f %%", 100*f.share)}, {text: f.name}, {text: f.usual}, {text: f.now}, {text: f.z}})
	}
	p.table(4, lines)
}

// bar fills a share of some cells.
func bar(share float64, cells int) string {
	n := int(math.Round(min(1, max(0, share)) * float64(cells)))
	return strings.Repeat("█", n) + strings.Repeat("·", cells-n)
}

func (p *page) table(indent int, lines [][]cell) { p.tableWith(indent, lines, nil) }

// tableWith writes lines of cells, each column as wide as its widest cell, and below each
// line its details. The last cell has what is left of the width, or a line of its own.
func (p *page) tableWith(indent int, lines [][]cell, details [][]string) {
	widths := make([]int, len(lines[0])-1)
	for _, line := range lines {
		for i := range widths {
			line[i].text = text.Truncate(line[i].text, mostCells)
			widths[i] = max(widths[i], text.Width(line[i].text))
		}
	}
	before := indent
	for _, w := range widths {
		before += w + 2
	}
	for n, line := range lines {
		last := len(line) - 1
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", indent))
		for i, c := range line[:last] {
			b.WriteString(p.painted(c))
			b.WriteString(strings.Repeat(" ", widths[i]-text.Width(c.text)+2))
		}
		p.last(b.String(), line[last].text, before, indent)
		if details != nil {
			for _, d := range details[n] {
				p.line(indent+4, cell{text: d})
			}
		}
	}
}

// last ends a line with a text that may be long: broken, behind what is there already.
func (p *page) last(begun, s string, before, indent int) {
	if p.width == 0 || before+text.Width(s) <= p.width {
		p.end(begun + s)
		return
	}
	if p.width-before >= leastLast {
		for i, part := range broken(s, p.width-before) {
			if i > 0 {
				begun = strings.Repeat(" ", before)
			}
			p.end(begun + part)
		}
		return
	}
	p.end(begun)
	p.line(indent+4, cell{text: s})
}

// line writes a text, broken into lines where it is too long.
func (p *page) line(indent int, c cell) {
	parts := []string{c.text}
	if p.width > 0 {
		parts = broken(c.text, p.width-indent)
	}
	for _, part := range parts {
		p.end(strings.Repeat(" ", indent) + p.painted(cell{part, c.sgr}))
	}
}

func (p *page) end(line string) {
	p.out.WriteString(strings.TrimRight(line, " "))
	p.out.WriteByte('\n')
}

func (p *page) painted(c cell) string {
	if !p.color || c.sgr == "" || c.text == "" {
		return c.text
	}
	return "\x1b[" + c.sgr + "m" + c.text + "\x1b[0m"
}

// broken breaks a text between words into lines of at most so many cells; a longer word
// has a line of its own.
func broken(s string, cells int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Split(s, " ") {
		switch {
		case line == "":
			line = w
		case text.Width(line)+1+text.Width(w) > cells:
			lines, line = append(lines, line), w
		default:
			line += " " + w
		}
	}
	return append(lines, line)
}
