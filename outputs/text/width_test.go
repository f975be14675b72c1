package text_test

import (
	"testing"

	"pcapmill/outputs/text"
)

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "abc": 3, "é": 1, "e\u0301": 1, "東京": 4, "ｱ": 1, "Ａ": 2, "한글": 4, "🙂": 2, "a…": 2, "Ж": 1, "𠀀": 2,
	} {
		if got := text.Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"abc", 1, "…"}, {"abc", 0, ""}, {"a", 1, "a"}, {"", 0, ""},
		{"東京都", 6, "東京都"}, {"東京都", 5, "東京…"}, {"東京都", 4, "東…"}, {"東京都", 2, "…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"}, {"abe\u0301", 3, "abe\u0301"},
	} {
		got := text.Truncate(c.in, c.width)
		if got != c.want || text.Width(got) > max(c.width, 0) {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}
