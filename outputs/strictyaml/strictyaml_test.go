package strictyaml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pcapmill/outputs/strictyaml"
)

const most = 1 << 16

// read takes a document with each kind of key.
func read(t testing.TB, doc string) (name string, words []string, on bool, x float64, err error) {
	top, err := strictyaml.Parse([]byte(doc), most)
	if err != nil || top == nil {
		return "", nil, false, 0, err
	}
	err = strictyaml.Mapping(top, "a file", strictyaml.Keys{
		"name": strictyaml.Text(&name), "words": strictyaml.Texts(&words, 3),
		"on": strictyaml.Bool(&on), "x": strictyaml.Number(&x),
	})
	return name, words, on, x, err
}

func TestValues(t *testing.T) {
	name, words, on, x, err := read(t, "\ufeffname: ' a: b '\nwords: [one, 2, 0x10]\non: true\nx: -1.5e3\n")
	if err != nil || name != "a: b" || strings.Join(words, ",") != "one,2,0x10" || !on || x != -1500 {
		t.Errorf("%q %q %v %v %v", name, words, on, x, err)
	}
	if _, words, _, _, err = read(t, "words: alone\n"); err != nil || len(words) != 1 || words[0] != "alone" {
		t.Errorf("one for a list of it: %q %v", words, err)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for doc, says := range map[string]string{
		"name: a\nnmae: b\n":       `line 2, column 1: a file has no key "nmae"; did you mean name`,
		"x: 1\nname: [a]\n":        "line 2, column 7: name: a sequence is no value",
		"words: [1, 2, 3, 4]\n":    "line 1, column 8: words: more than 3 elements",
		"on: maybe\n":              "line 1, column 5: on: want true or false",
		"x: .inf\n":                "line 1, column 4: x:",
		"name: &a b\nwords: *a\n":  "anchors",
		"name: !!str b\n":          "tags",
		"name: a\n---\nname: b\n":  "more than one YAML document",
		"- a\n":                    "want a mapping of the keys of a file",
		"name:\n":                  "has no value",
		strings.Repeat("[", 100):   "nested deeper than 40",
		strings.Repeat("#", 1<<17): "more than 65536 bytes",
		"name: " + strings.Repeat("a", 5000) + "\n": "more than 4096 bytes",
	} {
		_, _, _, _, err := read(t, doc)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.30q: %v, want %q", doc, err, says)
		}
	}
}

func TestInsideKeepsThePlace(t *testing.T) {
	_, _, _, _, err := read(t, "name: a\nx: b\n")
	err = strictyaml.Inside("rule r1", err)
	var there strictyaml.Error
	if !errors.As(err, &there) || there.Line != 2 || !strings.Contains(err.Error(), "rule r1: x:") {
		t.Error(err)
	}
}

// TestManyKeys: the parser's time grows with the square of a mapping by lines, and it calls itself for
// each of its keys. In flow lists there are such mappings too.
func TestManyKeys(t *testing.T) {
	keys := func(indent string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%sk%d: 1\n", indent, i)
		}
		return b.String()
	}
	for name, c := range map[string]struct{ doc, says string }{
		"as many":   {keys("", 10_000), ""},
		"too many":  {keys("", 10_001), "line 10001, column 7: more than 10000 keys"},
		"in one":    {"a:\n" + keys("  ", 10_001), "line 10002, column 9: more than 10000 keys"},
		"in two":    {"a:\n" + keys("  ", 6000) + "b:\n" + keys("  ", 6000), ""},
		"in a list": {"a: [\n" + keys("", 10_001) + "]", "more than 10000 keys"},
		"lists":     {"a:\n- " + keys("  ", 6000)[2:] + "- " + keys("  ", 6000)[2:] + "b: 1\n", ""},
		"deeper":    {strings.ReplaceAll(keys("", 10_001), ": 1", ":\n  a: 1\n  b:\n  - c: 1"), "more than 10000 keys"},
	} {
		_, err := strictyaml.Parse([]byte(c.doc), 1<<20)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("name: a\nwords: [b, c]\non: true\nx: 1\n")
	f.Add("name: |\n  a\n  b\n")
	f.Add("a:\n- b:\n  - c: {d: [e]}\n")
	f.Fuzz(func(t *testing.T, doc string) {
		if _, _, _, _, err := read(t, doc); err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("not one clean line: %q", err)
		}
	})
}
