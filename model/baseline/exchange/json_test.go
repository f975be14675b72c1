package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
)

// example has all that a baseline can: a rest, tags, days that were dropped.
func example(t testing.TB) (*baseline.Baseline, []byte) {
	t.Helper()
	data, err := os.ReadFile("../testdata/example.v1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := baseline.Decode(bytes.Clone(data))
	if err != nil {
		t.Fatal(err)
	}
	return b, data
}

func encoded(t testing.TB, b *baseline.Baseline) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func exported(t testing.TB, b *baseline.Baseline) string {
	t.Helper()
	var out bytes.Buffer
	if err := exchange.WriteJSON(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestJSONAndBack gives the same bytes, also of what another program has indented.
func TestJSONAndBack(t *testing.T) {
	b, want := example(t)
	text := exported(t, b)
	var wide bytes.Buffer
	if err := json.Indent(&wide, []byte(text), "", "\t"); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{text, wide.String()} {
		back, err := exchange.ReadJSON(strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded(t, back), want) {
			t.Error("other bytes")
		}
	}
}

// TestJSONEmpty is of a baseline without anything.
func TestJSONEmpty(t *testing.T) {
	b, err := baseline.New(baseline.DefaultConfig(), baseline.Table{Name: "hosts", Features: []baseline.Feature{{Name: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	back, err := exchange.ReadJSON(strings.NewReader(exported(t, b)))
	if err != nil || !bytes.Equal(encoded(t, back), encoded(t, b)) {
		t.Error(err)
	}
}

// TestJSONNumbers are those of the rows: worked by hand.
func TestJSONNumbers(t *testing.T) {
	c := baseline.DefaultConfig()
	c.Categories = []string{"service"}
	b, err := baseline.New(c, baseline.Table{Name: "hosts", Window: 600e9, Features: []baseline.Feature{{Name: "ratio", Scale: baseline.Scale{Step: -7}}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range []float64{0.25, 0.5, 0.5} {
		err := b.Add(&baseline.Row{
			Start: int64(i/2)*3600e9 + 86400e9, Host: netip.MustParseAddr("10.0.0.1"), Values: []float64{x}, Tags: []baseline.Key{baseline.LabelKey("a\x1bb ")},
			Counts: []baseline.Count{{Category: 0, Key: "tcp/1", N: 2}, {Category: 0, Key: "\xff", N: uint64(1 + i)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	text := exported(t, b)
	var doc struct {
		Blocks []json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil || len(doc.Blocks) != 1 {
		t.Fatal(err, text)
	}
	block, _, _ := strings.Cut(string(doc.Blocks[0]), `,"packed"`)
	want := `{"host":"10.0.0.1","day":1,"date":"1970-01-02","tags":[{"kind":"label","name":"a\\x1bb "}],"hours":[[0,2],[1,1]],` +
		`"features":[{"name":"ratio","values":[2,1],"sums":[96,64],"squares":[5120,4096],"histogram":[`
	if !strings.HasPrefix(block, want) || !strings.HasSuffix(block, `"categories":[{"name":"service","keys":[{"key":"tcp/1","count":6},{"key":"\\xff","count":6}],"others":0,"too_long":0,"distinct":2,"distinct_exact":true}]`) {
		t.Errorf("got\n%s\nwant\n%s", block, want)
	}
	back, err := exchange.ReadJSON(strings.NewReader(text))
	if err != nil || !bytes.Equal(encoded(t, back), encoded(t, b)) {
		t.Error(err)
	}
}

// TestJSONRefused: no number is another than it was, and nothing is read but what was written.
func TestJSONRefused(t *testing.T) {
	b, _ := example(t)
	text := exported(t, b)
	replace := func(old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %s in\n%s", old, text)
		}
		return strings.Replace(text, old, with, 1)
	}
	cut := strings.LastIndex(text, `{"host"`)
	for name, test := range map[string]struct {
		text string
		err  error
	}{
		"empty": {"", exchange.ErrFormat}, "foreign": {`{"a": 1}`, exchange.ErrFormat}, "a list": {"[]", exchange.ErrFormat}, "text": {"hello", exchange.ErrFormat},
		"cut": {text[:cut], exchange.ErrFormat}, "more": {text + "{}", exchange.ErrFormat}, "newer": {replace(`"format_version": 1`, `"format_version": 2`), exchange.ErrVersion},
		"another": {replace(`"pcapmill baseline"`, `"x"`), exchange.ErrFormat}, "unknown": {replace(`"settings": {`, `"settings": {"x": 1,`), exchange.ErrFormat},
		"a sum": {replace(`"sums":[`, `"sums":[1`), exchange.ErrChanged}, "a key": {replace(`"key":"`, `"key":"x`), exchange.ErrChanged},
		"a bin": {replace(`"histogram":[{"value":`, `"histogram":[{"value":1`), exchange.ErrChanged}, "a type": {replace(`"hours":[[`, `"hours":[["x",`), exchange.ErrFormat},
		"a date": {replace(`"date":"2`, `"date":"3`), exchange.ErrChanged}, "a tag": {replace(`"kind":"label"`, `"kind":"host"`), exchange.ErrFormat},
		"packed": {replace(`"packed":"`, `"packed":"AAAA`), baseline.ErrCorrupt}, "base64": {replace(`"packed":"`, `"packed":"!`), exchange.ErrFormat},
		"an address": {replace(`"host":"10.0.0.1"`, `"host":"::ffff:10.0.0.1"`), exchange.ErrFormat}, "a hash": {replace(`"sha256": "`, `"sha256": "0`), exchange.ErrFormat},
		"a step": {replace(`"scale": "`, `"scale": "x`), exchange.ErrFormat}, "an escape": {replace(`"plan_id": "`, `"plan_id": "\\q`), exchange.ErrFormat},
		"the hosts of the rest": {replace(`"exact": true`, `"exact": false`), exchange.ErrChanged}, "its sketch": {replace(`"sketch": "`, `"sketch": "AAAA`), baseline.ErrCorrupt},
		"no limit": {replace(`"last_host": "`, `"last_host": "","x": "`), exchange.ErrFormat}, "room": {replace(`"hosts": 2`, `"hosts": 1`), baseline.ErrCorrupt},
		"no room": {replace(`"hosts": 2`, `"hosts": 0`), baseline.ErrConfig},
	} {
		if _, err := exchange.ReadJSON(strings.NewReader(test.text)); !errors.Is(err, test.err) {
			t.Errorf("%s: %v, want %v", name, err, test.err)
		}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, `{"host"`) { // a block twice
			lines[i] = strings.TrimSuffix(line, ",") + ",\n" + line
			break
		}
	}
	if _, err := exchange.ReadJSON(strings.NewReader(strings.Join(lines, "\n"))); !errors.Is(err, baseline.ErrCorrupt) {
		t.Errorf("twice: %v", err)
	}
}

// FuzzReadJSON: whatever it is, it is refused, or a baseline that is what it says.
func FuzzReadJSON(f *testing.F) {
	b, _ := example(f)
	f.Add(exported(f, b))
	f.Add(`{"format": "pcapmill baseline", "format_version": 1, "baseline": {}, "blocks": []}`)
	f.Fuzz(func(t *testing.T, s string) {
		b, err := exchange.ReadJSON(strings.NewReader(s))
		if err != nil {
			return
		}
		data := encoded(t, b)
		back, err := baseline.Decode(data)
		if err == nil {
			err = back.Check()
		}
		if err != nil {
			t.Errorf("what was read is no baseline: %v", err)
		}
	})
}
