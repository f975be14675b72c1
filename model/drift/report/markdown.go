package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"pcapmill/model/drift"
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
	d.add("# " + markdownText(capital(v.headline)) + "\n\n")
	for _, f := range v.facts {
		d.add(fmt.Sprintf("- **%s**: %s\n", f.name, markdownText(f.text)))
	}
	for i := range v.sections {
		d.section(&v.sections[i])
	}
	d.hosts(v)
	if len(v.quiet) > 0 {
		d.add("\nWithout drift: " + markdownText(strings.Join(v.quiet, ", ")) + ".\n")
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
		markdownText(capital(s.name)), markdownText(capital(s.doc))))
	for i := range s.rows {
		r := &s.rows[i]
		means := markdownText(r.text)
		for _, line := range r.details {
			means += "<br>" + markdownText(line)
		}
		d.add(fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", strong(r.word(), r.severity), code(r.segment), code(r.subject), markdownText(r.usual), markdownText(r.now), means))
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
			lines = append(lines, markdownText(line))
		}
		for _, f := range h.features {
			lines = append(lines, fmt.Sprintf("%s %.0f %%: %s → %s", code(f.name), 100*f.share, markdownText(f.usual), markdownText(f.now)))
		}
		d.add(fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", strong(h.word(), h.severity), code(h.host), h.index, h.windows, markdownText(h.action), strings.Join(lines, "<br>")))
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
		d.add("- " + markdownText(note) + "\n")
	}
}

// harmless names may stand between backticks as they are.
var harmless = regexp.MustCompile(`^[A-Za-z0-9_./: -]+$`)

// code is a name in the type of code.
func code(s string) string {
	if harmless.MatchString(s) && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	return markdownText(s)
}

// markdownText is escaped text for which Markdown, HTML in it and the cells of its tables
// have no meaning. Entities stand for what a backslash does not protect everywhere. What
// sites make of names, links and numbers of issues is cut by putting a part of it between
// backticks: neither escape nor entity keeps them from it.
func markdownText(s string) string {
	return markdownSyntax.Replace(links.ReplaceAllString(s, "\x00$0\x00"))
}

// links are where such links begin or have to have a part. NUL is in no escaped text.
var links = regexp.MustCompile(`(?i)(?:@|#|://|www\.)+`)

var markdownSyntax = strings.NewReplacer(
	"\x00", "`", "|", "&#124;", "<", "&lt;", ">", "&gt;", "&", "&amp;", "`", "&#96;",
	`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`, "!", `\!`,
)
