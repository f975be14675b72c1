package report

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// mostMarkdown is what Markdown has at most, in bytes: a comment on GitHub may have 65,536
// characters, a job summary more.
const mostMarkdown = 60_000

// Markdown writes a report for job summaries and tickets. What has no room is counted.
func Markdown(w io.Writer, r *drift.Report, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	v := viewOf(r, o)
	d := markdown{left: mostMarkdown - 1000} // for what says what was left out
	d.add("# " + text.MarkdownEscaped(capital(v.headline)) + "\n\n")
	for _, f := range v.facts {
		d.add(fmt.Sprintf("- **%s**: %s\n", f.name, text.MarkdownEscaped(f.text)))
	}
	for i := range v.sections {
		d.section(&v.sections[i])
	}
	d.hosts(v)
	if len(v.quiet) > 0 {
		d.add("\nWithout drift: " + text.MarkdownEscaped(strings.Join(v.quiet, ", ")) + ".\n")
	}
	d.notes(v)
	if d.omitted > 0 {
		d.out.WriteString("\n" + plural(d.omitted, "more part") + " had no room here; the JSON report has everything.\n")
	}
	_, err := io.WriteString(w, d.out.String())
	return err
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// markdown is a page in the making.
type markdown struct {
	out     strings.Builder
	left    int
	omitted int // rows, headings and notes that had no room
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

func (d *markdown) section(s *section) {
	d.add(fmt.Sprintf("\n## %s\n\n%s.\n\n| severity | segment | subject | usual | now | what it means |\n|---|---|---|---:|---:|---|\n",
		text.MarkdownEscaped(capital(s.name)), text.MarkdownEscaped(capital(s.doc))))
	for i := range s.rows {
		r := &s.rows[i]
		means := text.MarkdownEscaped(r.text)
		for _, line := range r.details {
			means += "<br>" + text.MarkdownEscaped(line)
		}
		d.add(fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", strong(r.word(), r.severity), code(r.segment), code(r.subject), text.MarkdownEscaped(r.usual), text.MarkdownEscaped(r.now), means))
	}
	if s.more > 0 {
		d.add("\nAnd " + plural(s.more, "more item") + ".\n")
	}
}

// strong is a severity in bold, where there is one.
func strong(word string, s drift.Severity) string {
	if s == drift.None {
		return word
	}
	return "**" + word + "**"
}

func (d *markdown) hosts(v *view) {
	if len(v.hosts) == 0 {
		return
	}
	d.add("\n## Hosts\n\n| severity | host | drift index | windows | action | what explains it |\n|---|---|---:|---|---|---|\n")
	for i := range v.hosts {
		h := &v.hosts[i]
		lines := make([]string, 0, len(h.details)+len(h.features))
		for _, line := range h.details {
			lines = append(lines, text.MarkdownEscaped(line))
		}
		for _, f := range h.features {
			lines = append(lines, fmt.Sprintf("%s %.0f %%: %s → %s", code(f.name), 100*f.share, text.MarkdownEscaped(f.usual), text.MarkdownEscaped(f.now)))
		}
		d.add(fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", strong(h.word(), h.severity), code(h.host), h.index, h.windows, text.MarkdownEscaped(h.action), strings.Join(lines, "<br>")))
	}
	if more := v.moreHost + v.moreAll; more > 0 {
		d.add("\nAnd " + plural(more, "more host") + ".\n")
	}
}

func (d *markdown) notes(v *view) {
	if v.moreItem > 0 {
		d.add("\n" + capital(plural(v.moreItem, "more item")) + " had no room in the report.\n")
	}
	for i, note := range v.notes {
		if i == 0 {
			d.add("\n## Notes\n\n")
		}
		d.add("- " + text.MarkdownEscaped(note) + "\n")
	}
}

// harmless names may stand between backticks as they are.
var harmless = text.Pattern(`^[A-Za-z0-9_./: -]+$`)

// code is a name in the type of code.
func code(s string) string {
	if harmless().MatchString(s) && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	return text.MarkdownEscaped(s)
}
