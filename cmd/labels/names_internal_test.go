package labels

import (
	"slices"
	"testing"
)

// TestNamesOf: names do not hang on folders, also where files of two have the same one.
func TestNamesOf(t *testing.T) {
	for _, paths := range [][]string{
		{"a/rules.yaml", "eve.json", "b/rules.yaml", "rules.yaml (2)"}, {"/x/y/rules.yaml", "z/eve.json", "rules.yaml", "c/rules.yaml (2)"},
	} {
		if got := namesOf(paths); !slices.Equal(got, []string{"rules.yaml", "eve.json", "rules.yaml (2)", "rules.yaml (2) (2)"}) {
			t.Errorf("%q", got)
		}
	}
}
