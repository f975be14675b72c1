package report

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/text"
)

// mostMarkdown is what Markdown has at most, in bytes: a comment on GitHub may have 65,536
// characters.
const mostMarkdown = 60_000

// Markdown writes a page for job summaries and tickets. What has no room is counted.
func Markdown(w io.Writer, p *Page) error {
	d := markdown{left: mostMarkdown - 200} // for what says what was left out
	d.add("# " + markdownText(p.Title) + "\n\n")
	for _, f := range p.Facts {
		d.add(fmt.Sprintf("- **%s**: %s\n", markdownText(f.Name), markdownText(f.Text)))
	}
	for i := range p.Sections {
		d.section(&p.Sections[i])
	}
	for i, note := range p.Notes {
		if i == 0 {
			d.add("\n## Notes\n\n")
		}
		d.add("- " + markdownText(note) + "\n")
	}
	if d.omitted > 0 {
		d.out.WriteString("\n" + text.Plural(int64(d.omitted), "more line") + " had no room here; the JSON report has everything.\n")
	}
	_, err := io.WriteString(w, d.out.String())
	return err
}

// markdown is a page in the making.
type markdown struct {
	out     strings.Builder
	left    int
	omitted int // lines that had no room
}

// add appends a part as a whole, or not at all, nor anything behind it.
func (d *markdown) add(part string) {
	if d.omitted > 0 || len(part) > d.left {
		d.omitted++
		return
	}
	d.out.WriteString(part)
	d.left -= len(part)
}

func (d *markdown) section(s *Section) {
	if len(s.Rows) == 0 {
		if s.None != "" {
			d.add(fmt.Sprintf("\n%s: %s.\n", markdownText(s.Name), markdownText(s.None)))
		}
		return
	}
	head := "\n## " + markdownText(s.Name) + "\n\n"
	if s.Doc != "" {
		head += markdownText(s.Doc) + ".\n\n"
	}
	line := "|"
	for _, c := range s.Columns {
		head += "| " + markdownText(c.Name) + " "
		if c.Number {
			line += "---:|"
		} else {
			line += "---|"
		}
	}
	d.add(head + "|\n" + line + "\n")
	for _, row := range s.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = markdownText(cell)
		}
		d.add("| " + strings.Join(cells, " | ") + " |\n")
	}
	if s.More > 0 {
		d.add("\nAnd " + text.Count(s.More) + " more.\n")
	}
}

// markdownText is text for which Markdown has no meaning.
func markdownText(s string) string { return text.MarkdownEscaped(shown(s)) }
