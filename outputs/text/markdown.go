package text

import (
	"regexp"
	"strings"
)

// Markdown returns s, escaped, as text for which Markdown, HTML in it and the cells of its tables
// have no meaning, and of which sites make no links, mentions or numbers of issues.
func Markdown(s string) string { return MarkdownEscaped(Escape(s)) }

// MarkdownEscaped is Markdown of text that is escaped already. Entities stand for what a backslash
// does not protect everywhere. What sites make of names, links and numbers of issues is cut by
// putting a part of it between backticks: neither escape nor entity keeps them from it, as they
// look for these in the page that Markdown became.
func MarkdownEscaped(s string) string {
	return markdownSyntax.Replace(markdownLinks.ReplaceAllString(s, "\x00$0\x00"))
}

// markdownLinks are where such links begin or have to have a part. NUL is in no escaped text.
var markdownLinks = regexp.MustCompile(`(?i)(?:@|#|://|www\.)+`)

var markdownSyntax = strings.NewReplacer(
	"\x00", "`", "&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "`", "&#96;",
	`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`, "!", `\!`,
)
