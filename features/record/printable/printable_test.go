package printable_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"pcapmill/features/record/printable"
)

func TestAppend(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"a b~":                     "a b~",
		"a\\b\x00\t\x7f":           `a\\b\000\009\127`,
		"größe \xff\xc3":           `größe \255\195`,
		"\u202e\u200b\x1b[31m":     `\226\128\174\226\128\139\027[31m`, // turns the text, no width, a terminal's colour
		"\u00a0\xe2\x80":           `\194\160\226\128`,
		string(utf8.RuneError):     `�`,
		"\xed\xa0\x80\xf4\x90\x80": `\237\160\128\244\144\128`,
	} {
		if got := string(printable.Append([]byte("|"), []byte(text))); got != "|"+want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAppendEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "",
		"O=a":                 "O=a",
		`O=a\, b`:             `O=a\, b`,
		"O=\\\\\x00ß\xff\\\"": `O=\\\000ß\255\"`,
	} {
		if got := string(printable.AppendEscaped([]byte("|"), []byte(text))); got != "|"+want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestAppendDelimited(t *testing.T) {
	for _, c := range []struct {
		text      string
		delimiter byte
		delimited string
		plain     string
	}{
		{"plain ~", '.', "plain ~", "plain ~"},
		{"a.b", '.', `a\.b`, "a.b"},
		{"a\\b\"", '"', `a\\b\"`, `a\\b"`},
		{"\x00\x1b[0m\x7f\xff", '.', `\000\027[0m\127\255`, `\000\027[0m\127\255`},
		{"é", ',', `\195\169`, `\195\169`},
		{"", ',', "", ""},
	} {
		if got := string(printable.AppendDelimited([]byte("|"), []byte(c.text), c.delimiter)); got != "|"+c.delimited {
			t.Errorf("%q: %s, want %s", c.text, got, c.delimited)
		}
		if got := string(printable.AppendASCII([]byte("|"), []byte(c.text))); got != "|"+c.plain {
			t.Errorf("%q: %s, want %s", c.text, got, c.plain)
		}
	}
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte("a\\\xff\u202eß"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, r := range string(printable.Append(nil, text)) {
			if !unicode.IsPrint(r) {
				t.Errorf("%q is in the text of %q", r, text)
			}
		}
		for _, c := range printable.AppendDelimited(nil, text, ',') {
			if c < ' ' || c > '~' {
				t.Errorf("%q is in the delimited text of %q", c, text)
			}
		}
	})
}

// TestPlainBytesStandForThemselves puts each byte at each place of a text long enough to
// be looked at in words.
func TestPlainBytesStandForThemselves(t *testing.T) {
	for c := range 256 {
		one := printable.AppendASCII(nil, []byte{byte(c)})
		for at := range 20 {
			text := []byte("abcdefghijklmnopqrst")
			text[at] = byte(c)
			want := "abcdefghijklmnopqrst"[:at] + string(one) + "abcdefghijklmnopqrst"[at+1:]
			if got := printable.AppendASCII(nil, text); string(got) != want {
				t.Fatalf("byte %d at %d: %q, want %q", c, at, got, want)
			}
			if got := printable.Append(nil, text); c < 0x80 && string(got) != want {
				t.Fatalf("byte %d at %d: %q in UTF-8, want %q", c, at, got, want)
			}
		}
	}
}
