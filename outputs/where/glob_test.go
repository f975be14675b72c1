package where_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/outputs/where"
)

// TestGlob holds the pattern matcher to cases worked by hand.
func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false}, {"?", "é", true},
		{"a*c", "abbc", true}, {"a*c", "abcb", false}, {"*.example.com", "www.example.com", true},
		{"*.example.com", "example.com", false}, {"**a", "bba", true}, {"a*b*c", "a1b2b3c", true},
		{"a*b?c", "axbbxbc", false}, {"a*b?c", "axbbxc", true}, {`\*.a`, "*.a", true}, {`\*.a`, "x.a", false}, {`a\`, `a\`, true},
		{"[a]", "[a]", true}, {"A", "a", false}, {"*?", "", false}, {"?*", "\xff", true},
	} {
		if got := where.NewGlob(test.pattern).Match([]byte(test.s)); got != test.want {
			t.Errorf("%q on %q: %v", test.pattern, test.s, got)
		}
	}
}

// FuzzGlob compares with a regular expression that says the same.
func FuzzGlob(f *testing.F) {
	f.Add("*.example.com", "www.example.com")
	f.Add(`a\*?`, "a*é")
	f.Add("a*b*c", "aXbXbc\n")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			t.Skip("a regular expression takes other bytes another way")
		}
		same := regexp.QuoteMeta(pattern)
		if strings.Contains(pattern, `\`) {
			t.Skip("is tested by cases")
		}
		same = strings.ReplaceAll(strings.ReplaceAll(same, `\*`, ".*"), `\?`, ".")
		if want := regexp.MustCompile("(?s)^(?:" + same + ")$").MatchString(s); where.NewGlob(pattern).Match([]byte(s)) != want {
			t.Errorf("%q on %q: %v, want %v", pattern, s, !want, want)
		}
	})
}
