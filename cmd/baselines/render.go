package baselines

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// WriteJSON writes a View or what List found.
func WriteJSON(w io.Writer, v any) error {
	return text.WriteJSON(w, v, "  ")
}

// RenderView writes a View for people. Lines have at most so many cells, any number for 0.
func RenderView(w io.Writer, v *View, width int) error {
	hour := "all hours"
	if v.Hour != nil {
		hour = "hour of week " + hourName(*v.Hour)
	}
	if _, err := fmt.Fprintf(w, "%s of table %s: %s of %s on %s; %s\n\n", text.Escape(v.Segment), text.Escape(v.Table), some(v.Windows, "window"), some(v.Hosts, "host"), days(v.Days, v.First, v.Last), hour); err != nil {
		return err
	}
	t := grid{names: []string{"feature", "values", "slot", "in slot", "low", "center", "high", "p05", "p50", "p95", "p99"}}
	for i := range v.Features {
		f := &v.Features[i]
		slot := f.Slot
		if slot == "" {
			slot = "-"
		}
		t.add(f.Name, count(f.Values), slot, count(f.Observations), short(f.Low), short(f.Center), short(f.High), short(f.P05), short(f.P50), short(f.P95), short(f.P99))
	}
	if err := t.write(w, width, "feature", "slot"); err != nil {
		return err
	}
	for i := range v.Categories {
		if err := renderCategory(w, &v.Categories[i], width); err != nil {
			return err
		}
	}
	return nil
}

func renderCategory(w io.Writer, c *CategoryView, width int) error {
	about := ""
	if !c.Exact {
		about = "about "
	}
	line := fmt.Sprintf("\n%s: %s%s, %d times", text.Escape(c.Name), about, some(c.Distinct, "different key"), c.Times)
	if c.LeftOut > 0 {
		line += fmt.Sprintf(", %d of them of keys that are not kept", c.LeftOut)
	}
	if _, err := fmt.Fprintln(w, line); err != nil || len(c.Keys) == 0 {
		return err
	}
	t := grid{names: []string{"key", "times"}}
	for _, k := range c.Keys {
		t.add(k.Key, count(k.Times))
	}
	if err := t.write(w, width, "key"); err != nil || c.More == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "%d more; --top shows more\n", c.More)
	return err
}

// RenderList writes what List found for people.
func RenderList(w io.Writer, l *Listed, width int) error {
	t := grid{names: []string{"segment", "name", "hosts", "windows", "days", "first day", "last day"}}
	for i := range l.Segments {
		s := &l.Segments[i]
		t.add(s.Kind, s.Name, count(s.Hosts), count(s.Windows), strconv.Itoa(s.Days), s.First, s.Last)
	}
	if err := t.write(w, width, "segment", "name", "first day", "last day"); err != nil {
		return err
	}
	for _, m := range l.More {
		if _, err := fmt.Fprintf(w, "%d more of kind %s; --limit shows more\n", m.Segments, m.Kind); err != nil {
			return err
		}
	}
	return nil
}

// grid is a table whose cells are written whole; what does not print is escaped.
type grid struct {
	names []string
	rows  [][]string
}

func (t *grid) add(cells ...string) { t.rows = append(t.rows, cells) }

// write writes it; columns that are not named as text stand to the right.
func (t *grid) write(w io.Writer, width int, words ...string) error {
	schema := &column.Schema{Table: "view"}
	cfg := text.DefaultTable()
	cfg.Cell, cfg.Width = 0, width
	for _, name := range t.names {
		schema.Columns = append(schema.Columns, column.Column{Name: name, Type: column.Text})
		if !slices.Contains(words, name) {
			cfg.Right = append(cfg.Right, name)
		}
	}
	out, err := text.NewTable(w, schema, cfg)
	if err != nil {
		return err
	}
	b := batch.New(schema)
	for _, row := range t.rows {
		for i, cell := range row {
			b.Vectors[i].AppendText([]byte(cell))
		}
		b.Rows++
	}
	return errors.Join(out.Write(b), out.Close())
}

func count(n uint64) string { return strconv.FormatUint(n, 10) }

// short writes a number with four digits, - where it is not known.
func short(x *float64) string {
	if x == nil {
		return "-"
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(*x, 'g', 4, 64), 64)
	if err != nil {
		return "-"
	}
	if -1e15 < rounded && rounded < 1e15 {
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return strconv.FormatFloat(rounded, 'g', -1, 64)
}

func some(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func days(n int, first, last string) string {
	if first == last {
		return some(uint64(n), "day") + " (" + first + ")"
	}
	return fmt.Sprintf("%s (%s to %s)", some(uint64(n), "day"), first, last)
}

var weekdays = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// hourName says which hour of the week it is, 0 to 167.
func hourName(hour int) string {
	return fmt.Sprintf("%d (%s %02d UTC)", hour, weekdays[hour/24], hour%24)
}
