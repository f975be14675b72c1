package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Text writes a page for a terminal. Lines of tables have at most so many cells, any number
// for 0.
func Text(w io.Writer, p *Page, width int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", shown(p.Title))
	wide := 0
	for _, f := range p.Facts {
		wide = max(wide, len(f.Name))
	}
	for _, f := range p.Facts {
		fmt.Fprintf(&b, "%-*s  %s\n", wide, f.Name, shown(f.Text))
	}
	for i := range p.Charts {
		chartText(&b, &p.Charts[i])
	}
	for i := range p.Sections {
		if err := sectionText(&b, &p.Sections[i], width); err != nil {
			return err
		}
	}
	for i, note := range p.Notes {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "note: %s\n", shown(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sectionText(b *strings.Builder, s *Section, width int) error {
	if len(s.Rows) == 0 {
		if s.None != "" {
			fmt.Fprintf(b, "\n%s: %s\n", shown(s.Name), shown(s.None))
		}
		return nil
	}
	fmt.Fprintf(b, "\n%s%s\n", shown(s.Name), about(s.Doc))
	schema := &column.Schema{Table: "report"}
	cfg := text.DefaultTable()
	cfg.Cell, cfg.Width, cfg.Sample = 60, width, len(s.Rows)+1
	for _, c := range s.Columns {
		schema.Columns = append(schema.Columns, column.Column{Name: c.Name, Type: column.Text})
		if c.Number {
			cfg.Right = append(cfg.Right, c.Name)
		}
	}
	out, err := text.NewTable(b, schema, cfg)
	if err != nil {
		return err
	}
	rows := batch.New(schema)
	for _, row := range s.Rows {
		for i, cell := range row {
			rows.Vectors[i].AppendText([]byte(strings.ToValidUTF8(cell, "\uFFFD")))
		}
		rows.Rows++
	}
	if err := out.Write(rows); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if s.More > 0 {
		fmt.Fprintf(b, "and %s more\n", text.Count(s.More))
	}
	return nil
}

func about(doc string) string {
	if doc == "" {
		return ""
	}
	return ": " + shown(doc)
}

// sparks are the heights of a lane in text; 0 is a dot, so that it is told from a little.
var sparks = []rune("·▁▂▃▄▅▆▇█")

// sparkCells is how many cells a lane takes in text at most.
const sparkCells = 60

func chartText(b *strings.Builder, c *Chart) {
	if len(c.Lanes) == 0 {
		return
	}
	values := 0
	name := 0
	for _, l := range c.Lanes {
		values, name = max(values, len(l.Values)), max(name, text.Width(shortName(l.Name)))
	}
	group := max(1, (values+sparkCells-1)/sparkCells)
	fmt.Fprintf(b, "\n%s: from %s, %s a cell\n", shown(c.Name), Instant(c.First), Duration(c.Step*int64(group)))
	for _, l := range c.Lanes {
		cells := grouped(l.Values, group)
		short := shortName(l.Name)
		fmt.Fprintf(b, "%s%s  %s  at most %s\n", short, strings.Repeat(" ", name-text.Width(short)), spark(cells), text.Count(slices.Max(append(cells, 0))))
	}
}

func shortName(s string) string { return text.Truncate(text.Escape(s), 32) }

// grouped sums up values, so many at a time.
func grouped(values []int64, n int) []int64 {
	var sums []int64
	for i, v := range values {
		if i%n == 0 {
			sums = append(sums, 0)
		}
		sums[len(sums)-1] += v
	}
	return sums
}

func spark(values []int64) string {
	top := slices.Max(append(slices.Clone(values), 1))
	var b strings.Builder
	for _, v := range values {
		i := 0
		if v > 0 {
			i = 1 + int(float64(len(sparks)-2)*float64(v)/float64(top))
		}
		b.WriteRune(sparks[min(i, len(sparks)-1)])
	}
	return b.String()
}
