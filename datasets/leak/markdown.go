package leak

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/text"
)

// maxMarkdown is what Markdown has at most, in bytes: comments of GitHub may have 65,536 characters.
const maxMarkdown = 60_000

// WriteMarkdown writes a report for cards, job summaries and tickets. What has no room is counted.
func WriteMarkdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Leakage: %s\n\n", r.Headline())
	for _, fact := range r.facts() {
		fmt.Fprintf(&b, "- %s\n", text.MarkdownEscaped(fact))
	}
	if len(r.Findings) > 0 {
		b.WriteString("\n| severity | finding | columns | what | evidence | to do |\n|---|---|---|---|---|---|\n")
	}
	for i := range r.Findings {
		row := r.Findings[i].markdown()
		if b.Len()+len(row) > maxMarkdown {
			fmt.Fprintf(&b, "\n%s had no room here; JSON has all.\n", text.Plural(int64(len(r.Findings)-i), "more finding"))
			break
		}
		b.WriteString(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (f *Finding) markdown() string {
	severity := f.Severity.String()
	if f.Allowed {
		severity = "allowed"
	}
	what := append([]string{f.Detail}, f.Examples...)
	return fmt.Sprintf("| **%s** | `%s` | %s | %s | %s | %s |\n", severity, f.Kind, text.MarkdownEscaped(f.about()), text.MarkdownEscaped(strings.Join(what, "; ")), text.MarkdownEscaped(f.evidence()), text.MarkdownEscaped(f.Kind.Advice()))
}
