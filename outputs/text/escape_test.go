package text_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/text"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain text, punctuation !?~", "plain text, punctuation !?~"},
		{"tab\tnl\ncr\r", `tab\tnl\ncr\r`},
		{"\x00\x1b[2J\x7f", `\x00\x1b[2J\x7f`},
		{"C1 \u0085 \u009b", `C1 \u{85} \u{9b}`},
		{"raw \x85\xff", `raw \x85\xff`},
		{"cut \xe6\x9d", `cut \xe6\x9d`},
		{"surrogate \xed\xa0\x80", `surrogate \xed\xa0\x80`},
		{"\u202egpj.exe", `\u{202e}gpj.exe`},
		{"\u2066x\u2069\u200b\ufeff\u00ad", `\u{2066}x\u{2069}\u{200b}\u{feff}\u{ad}`},
		{"\u2028\u2029\u00a0", `\u{2028}\u{2029}\u{a0}`},
		{"\U000e0041\U0010ffff", `\u{e0041}\u{10ffff}`},
		{`C:\temp`, `C:\\temp`},
		{`\x1b`, `\\x1b`},
		{"東京 é e\u0301 🙂", "東京 é e\u0301 🙂"},
		{"\ufffd", "\ufffd"},
	} {
		if got := text.Escape(c.in); got != c.want {
			t.Errorf("Escape(%q) = %s, want %s", c.in, got, c.want)
		}
		back, err := text.Unescape(c.want)
		if err != nil || back != c.in {
			t.Errorf("Unescape(%s) = %q, %v, want %q", c.want, back, err, c.in)
		}
	}
}

func TestUnescapeRefuses(t *testing.T) {
	for _, s := range []string{`\`, `a\`, `\q`, `\x`, `\x1`, `\xzz`, `\u`, `\u{`, `\u{}`, `\u{zz}`, `\u{110000}`, `\u{d800}`, `\u1234`, `\u{1234567}`, `\u{+1}`} {
		if got, err := text.Unescape(s); err == nil {
			t.Errorf("Unescape(%s) = %q without an error", s, got)
		}
	}
}

func TestEscapeLeavesCleanTextAlone(t *testing.T) {
	s := strings.Repeat("an ordinary line ", 20)
	if n := testing.AllocsPerRun(100, func() { text.Escape(s) }); n != 0 {
		t.Errorf("%v allocations for text that needs no escape", n)
	}
}

// harmless reports whether a terminal, a log or a line-based tool can take s as
// it is. It lists ranges itself, apart from the escaper's own rule.
func harmless(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		switch {
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r >= 0x200b && r <= 0x200f, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0x061c, r >= 0xe0000 && r <= 0xe007f:
			return false
		}
	}
	return true
}

func TestEscapeHostileStrings(t *testing.T) {
	for _, s := range sinktest.HostileStrings() {
		if got := text.Escape(s); !harmless(got) {
			t.Errorf("Escape(%q) = %q", s, got)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range sinktest.HostileStrings() {
		f.Add(s)
	}
	f.Add("\xff\xfe\xed\xa0\x80\xc0\x80")
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Escape(s)
		if !harmless(got) {
			t.Fatalf("Escape(%q) = %q can do harm", s, got)
		}
		if back, err := text.Unescape(got); err != nil || back != s {
			t.Fatalf("Escape(%q) = %q reads back as %q, %v", s, got, back, err)
		}
		if string(text.AppendEscaped(nil, []byte(s))) != got {
			t.Fatalf("AppendEscaped and Escape differ for %q", s)
		}
	})
}

func FuzzUnescape(f *testing.F) {
	f.Add(`\x1b\u{202e}\\n`)
	f.Fuzz(func(t *testing.T, s string) {
		raw, err := text.Unescape(s)
		if err != nil {
			return
		}
		if back, err := text.Unescape(text.Escape(raw)); err != nil || back != raw {
			t.Fatalf("%q: %q escapes and comes back as %q, %v", s, raw, back, err)
		}
	})
}

// TestEscapeIsLinear: eight times the text may take eight times as long; quadratic
// work would take 64 times. The bound between is for loaded machines.
func TestEscapeIsLinear(t *testing.T) {
	for _, unit := range []string{"\x1b", "\xff", "\u202e", "\\", "é", "a"} {
		small, large := timeEscape(unit, 1<<16), timeEscape(unit, 1<<19)
		if large > 32*small+50*time.Millisecond {
			t.Errorf("%q: %v for 64 Ki, %v for 512 Ki", unit, small, large)
		}
	}
}

func timeEscape(unit string, n int) time.Duration {
	s, best := strings.Repeat(unit, n), time.Hour
	for range 3 {
		start := time.Now()
		text.Escape(s)
		best = min(best, time.Since(start))
	}
	return best
}
