package leak

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/text"
)

// maxMarkdown is what Markdown has at most, in bytes: comments of GitHub may have 65,536 characters.
const maxMarkdown = 60_000

// WriteMarkdown writes a report for cards, job summaries and tickets: findings of one kind in one
// row. What has no room is counted.
func WriteMarkdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Leakage: %s\n\n", r.Headline())
	for _, fact := range r.facts() {
		fmt.Fprintf(&b, "- %s\n", text.MarkdownEscaped(fact))
	}
	if len(r.Findings) > 0 {
		b.WriteString("\n| severity | finding | columns | what | evidence | to do |\n|---|---|---|---|---|---|\n")
	}
	all := r.bundles()
	for i, of := range all {
		row := of.markdown()
		if b.Len()+len(row) > maxMarkdown {
			left := 0
			for _, of := range all[i:] {
				left += len(of)
			}
			fmt.Fprintf(&b, "\n%s had no room here; JSON has all.\n", text.Plural(int64(left), "more finding"))
			break
		}
		b.WriteString(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown is a row for findings of one kind.
func (b bundle) markdown() string {
	what, evidence := strings.Join(b.told(), "; "), ""
	switch {
	case len(b) == 1:
		evidence = b[0].evidence()
	case b.brief() && b[0].Kind.ofColumn():
		what = fmt.Sprintf("%s: %d columns", b[0].Kind.Title(), len(b))
	}
	return fmt.Sprintf("| **%s** | `%s` | %s | %s | %s | %s |\n", b[0].severity(), b[0].Kind, text.MarkdownEscaped(b.about()), text.MarkdownEscaped(what), text.MarkdownEscaped(evidence), text.MarkdownEscaped(b[0].Kind.Advice()))
}
