package webpage_test

import (
	"strings"
	"testing"

	"pcapmill/outputs/webpage"
)

// A page loads nothing and runs nothing, whatever its title is.
func TestHead(t *testing.T) {
	var b strings.Builder
	page := webpage.Parse(`<head>{{template "head" (printf "a %s" .)}}<style>p { color: var(--ink); }</style></head>`)
	if err := page.Execute(&b, `</title><script>`); err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{"<title>a &lt;/title&gt;&lt;script&gt;</title>", `content="default-src 'none'; style-src 'unsafe-inline'"`, "prefers-color-scheme: dark", "</style><style>p { color"} {
		if !strings.Contains(b.String(), has) {
			t.Errorf("no %q in\n%s", has, b.String())
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("what is no template was taken for one")
		}
	}()
	webpage.Parse("{{")
}
