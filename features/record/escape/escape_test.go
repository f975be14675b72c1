package escape_test

import (
	"testing"

	"pcapmill/features/record/escape"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		bytes   string
		special byte
		want    string
	}{
		{"plain ~", 0, "plain ~"},
		{"a.b", '.', `a\.b`},
		{"a\\b\"", '"', `a\\b\"`},
		{"\x00\x1b[0m\x7f\xff", 0, `\000\027[0m\127\255`},
		{"é", 0, `\195\169`},
		{"", 0, ""},
	} {
		if got := string(escape.Append([]byte("|"), []byte(c.bytes), c.special)); got != "|"+c.want {
			t.Errorf("%q: %s, want %s", c.bytes, got, c.want)
		}
	}
}
