package filter

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocs: docs/filters.md names all words, names and limits.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/filters.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	has := func(what string) {
		if !strings.Contains(doc, what) {
			t.Errorf("docs/filters.md does not say %s", what)
		}
	}
	for w := range refusedWords {
		if !regexp.MustCompile(`addr(ess)?\d`).MatchString(w) {
			has("`" + w + "`")
		}
	}
	for _, p := range protocols {
		has("`" + p.name + "`")
	}
	for n, s := range services {
		has(fmt.Sprintf("`%s` %d", n, s.port))
	}
	for n, v := range ipProtocols {
		has(fmt.Sprintf("`%s` %d", n, v))
	}
	for n := range etherProtocols {
		has("`" + n + "`")
	}
	for n := range constants {
		has("`" + n + "`")
	}
	has(fmt.Sprint(maxDepth))
	has(fmt.Sprint(maxBlocks))
	has(fmt.Sprintf("%d KiB", maxText>>10))
}
