package text_test

import (
	"strings"
	"testing"

	"pcapmill/outputs/text"
)

// TestMarkdown: of strangers' words no syntax, link, mention or line is left.
func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"plain words.":                "plain words.",
		"a|b\n# c":                    "a&#124;b\\\\n`#` c",
		"<b>&amp;</b>":                "&lt;b&gt;&amp;amp;&lt;/b&gt;",
		"[x](http://h) @who `c` ![i]": "\\[x\\](http`://`h) `@`who &#96;c&#96; \\!\\[i\\]",
		"\u202ex":                     `\\u{202e}x`,
	} {
		if got := text.Markdown(in); got != want {
			t.Errorf("%q becomes %q and not %q", in, got, want)
		}
	}
	if got := text.MarkdownEscaped(text.Escape("\n*")); got != text.Markdown("\n*") {
		t.Errorf("escaped text becomes %q", got)
	}
	if got := text.Markdown(strings.Repeat("*", 1000)); len(got) != 2000 {
		t.Error("work or size is not linear")
	}
}
