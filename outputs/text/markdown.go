package text

import "strings"

// Markdown returns s, escaped, as text for which Markdown, HTML in it and the cells of its tables
// have no meaning, and of which sites make no links, mentions or numbers of issues.
func Markdown(s string) string { return markdownSyntax.Replace(Escape(s)) }

var markdownSyntax = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "`", "&#96;", "@", "&#64;", "#", "&#35;", "://", "&#58;//", "www.", "www&#46;",
	`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`, "!", `\!`,
)
