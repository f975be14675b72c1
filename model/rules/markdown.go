package rules

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/text"
)

// maxMarkdown is what Markdown has at most, in bytes: comments of GitHub may have 65,536
// characters.
const maxMarkdown = 60_000

// WriteMarkdown writes a report for job summaries and tickets. What has no room is counted.
func WriteMarkdown(w io.Writer, r *Report) error {
	var b strings.Builder
	headline := r.headline()
	fmt.Fprintf(&b, "# %s\n", text.MarkdownEscaped(strings.ToUpper(headline[:1])+headline[1:]))
	if len(r.Alerts) > 0 {
		b.WriteString("\n| time | severity | rule | what | evidence | times |\n|---|---|---|---|---|---:|\n")
	}
	left := 0
	for i := range r.Alerts {
		a := &r.Alerts[i]
		row := fmt.Sprintf("| %s | **%s** | `%s` | %s | %s | %d |\n",
			instantOf(a.Time), a.Rule.Severity, a.Rule.ID, text.MarkdownEscaped(a.Message()), text.MarkdownEscaped(named(a.Evidence)), a.Count)
		if b.Len()+len(row) > maxMarkdown {
			left = len(r.Alerts) - i
			break
		}
		b.WriteString(row)
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n%s had no room here; JSON has all.\n", plural(int64(left), "more alert"))
	}
	b.WriteByte('\n')
	for i, note := range r.Notes() {
		if b.Len() > maxMarkdown+2000 {
			fmt.Fprintf(&b, "- and %d more notes\n", len(r.Notes())-i)
			break
		}
		fmt.Fprintf(&b, "- %s\n", text.MarkdownEscaped(strings.TrimSpace(note)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
