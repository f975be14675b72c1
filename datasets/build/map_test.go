package build_test

import (
	"strings"
	"testing"

	"pcapmill/datasets/build"
)

// TestMap: YAML, CSV and the map's own JSON say the same.
func TestMap(t *testing.T) {
	const want = `{"map":{"a b":"c","d":"c"},"drop":["e","f"],"others":"keep"}`
	for name, data := range map[string]string{
		"yaml":   "map:\n  a b: c\n  \"d\": c\ndrop: [f, e]\n",
		"csv":    "old,new\na b,c\nf,\nd,c\ne,\n",
		"json":   want,
		"mark":   "\ufeffold,new\r\na b,c\r\nd,c\r\nf,\r\ne,\r\n",
		"others": "others: keep\ndrop:\n- e\n- f\nmap: {a b: c, d: c}\n",
	} {
		m, err := build.ParseMap([]byte(data))
		if err != nil || m.String() != want {
			t.Errorf("%s: %s, %v", name, m, err)
		}
	}
}

func TestMapRefuses(t *testing.T) {
	for data, want := range map[string]string{
		"":                              "is empty",
		"others: keep":                  "says nothing",
		"map: {a: b, a: c}":             "a",
		"map: {a: b}\ndrop: [a]":        "line 2, column 8: drop: a for the second time",
		"map:\n  a: b\n  c: [d]\n":      "line 3, column 6: map: a sequence is no value",
		"others: maybe\ndrop: [a]":      "line 1, column 9: others: maybe is neither",
		"maps: {a: b}":                  "has no key \"maps\"",
		"map: &x {a: b}":                "anchors",
		"old,new\na,b\na,c\n":           "line 3: a for the second time",
		"old,new\na\n":                  "wrong number of fields",
		"drop: [[[[[[[[[[[a]]]]]]]]]]]": "a sequence is no value",
		"map: {\"\": b}":                "without text",
		"map: {a: \"\xff\"}":            "UTF-8",
		"drop: [" + strings.Repeat("a", 1001) + "]": "more than 1000 bytes",
	} {
		if _, err := build.ParseMap([]byte(data)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %s", data, err, want)
		}
	}
}

// FuzzMap: a map that is read is written so that it can be read again, as the same.
func FuzzMap(f *testing.F) {
	for _, seed := range []string{"map: {a: b}\ndrop: [c]\nothers: drop", "old,new\na,b\nc,\n", "drop:\n- - - a", "map:\n  ? a\n  : b", "{\"map\":{\"a\":\"b\"},\"others\":\"keep\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := build.ParseMap(data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("error %q", err)
			}
			return
		}
		again, err := build.ParseMap([]byte(m.String()))
		if err != nil || again.String() != m.String() {
			t.Errorf("%s becomes %s, %v", m, again, err)
		}
	})
}
