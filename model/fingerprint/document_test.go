package fingerprint_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"pcapmill/model/fingerprint"
)

// written is a document of two hosts.
func written(t testing.TB, rows ...cells) []byte {
	t.Helper()
	b := fingerprint.NewBuilder(fingerprint.DefaultLimits())
	for _, batch := range hosts(50, rows...) {
		if err := b.Add(batch); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := fingerprint.Write(&out, b.Fingerprints()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func twoHosts() []cells {
	return []cells{
		{"out_packets": 9, "in_packets": 1, "out_wire_bytes": 900, "burst_score": 1.5, "active_seconds": 10, "gap_mean_ns": 1e9, "gap_std_ns": 1e8, "regularity": 0.95},
		{"host": "2001:db8::1", "out_packets": 1, "in_packets": 2, "in_flows": 100},
	}
}

// TestDocumentGolden: the document is what docs/fingerprint.md says, byte by byte.
func TestDocumentGolden(t *testing.T) {
	golden(t, "testdata/document.json", string(written(t, twoHosts()...)))
}

// TestRoundTrip: what is read is what was written, to the bit, and writes the same bytes.
func TestRoundTrip(t *testing.T) {
	data := written(t, random(100, 3)...)
	all, err := fingerprint.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if want := built(t, hosts(50, random(100, 3)...)); !reflect.DeepEqual(all, want) {
		t.Error("other fingerprints")
	}
	var again bytes.Buffer
	if err := fingerprint.Write(&again, all); err != nil || !bytes.Equal(again.Bytes(), data) {
		t.Errorf("other bytes, %v", err)
	}
	none, err := fingerprint.Read(bytes.NewReader(written(t)))
	if err != nil || len(none) != 0 {
		t.Errorf("no hosts: %v, %v", none, err)
	}
}

// TestClassesAreNotBelieved: who edits the classes of a document changes nothing.
func TestClassesAreNotBelieved(t *testing.T) {
	data := bytes.Replace(written(t, twoHosts()...), []byte(`"class": "server"`), []byte(`"class": "idle"`), 1)
	all, err := fingerprint.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if classes, _ := fingerprint.Classify(all[1].Vector); classes[0].Name != "server" {
		t.Errorf("%v", classes)
	}
}

// TestReadRefuses what no Write wrote, and says why in harmless words.
func TestReadRefuses(t *testing.T) {
	good := string(written(t, twoHosts()...))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %s in\n%s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct {
		text string
		err  error
	}{
		"nothing":         {"", fingerprint.ErrFormat},
		"another":         {`{"format":"pcapmill-baseline","schema_version":1}`, fingerprint.ErrFormat},
		"array":           {`[]`, fingerprint.ErrFormat},
		"number":          {`1`, fingerprint.ErrFormat},
		"more":            {good + "{}", fingerprint.ErrFormat},
		"cut":             {good[:len(good)-4], fingerprint.ErrFormat},
		"schema":          {swap(`"schema_version": 1`, `"schema_version": 2`), fingerprint.ErrVersion},
		"vector":          {swap(`"vector_version": 1`, `"vector_version": 2`), fingerprint.ErrVersion},
		"unknown key":     {swap(`"windows"`, `"window"`), fingerprint.ErrFormat},
		"key by case":     {swap(`"windows"`, `"Windows"`), fingerprint.ErrFormat},
		"key twice":       {swap(`"flows": 0`, `"flows": 0, "flows": 1`), fingerprint.ErrFormat},
		"feature twice":   {swap(`"fan_in": 0`, `"fan_in": 0, "fan_in": 1`), fingerprint.ErrFormat},
		"feature unknown": {swap(`"fan_in"`, `"fan_inn"`), fingerprint.ErrFormat},
		"feature missing": {swap(`"fan_in": 0,`, ``), fingerprint.ErrFormat},
		"feature text":    {swap(`"fan_in": 0`, `"fan_in": "0"`), fingerprint.ErrFormat},
		"feature null":    {swap(`"fan_in": 0`, `"fan_in": null`), fingerprint.ErrFormat},
		"negative":        {swap(`"fan_in": 0`, `"fan_in": -1`), fingerprint.ErrFormat},
		"too large":       {swap(`"fan_in": 0`, `"fan_in": 1e999`), fingerprint.ErrFormat},
		"ratio":           {swap(`"regularity": 0.95`, `"regularity": 1.5`), fingerprint.ErrFormat},
		"count":           {swap(`"packets": 10`, `"packets": -10`), fingerprint.ErrFormat},
		"fraction":        {swap(`"packets": 10`, `"packets": 1.5`), fingerprint.ErrFormat},
		"windows":         {swap(`"windows": 1`, `"windows": 0`), fingerprint.ErrFormat},
		"window":          {swap(`"window_ns": 600000000000`, `"window_ns": -1`), fingerprint.ErrFormat},
		"host":            {swap(`"host": "10.0.0.1"`, `"host": "\u001b[2J"`), fingerprint.ErrFormat},
		"host's form":     {swap(`"host": "2001:db8::1"`, `"host": "2001:DB8::1"`), fingerprint.ErrFormat},
		"order":           {swap(`"host": "2001:db8::1"`, `"host": "10.0.0.1"`), fingerprint.ErrFormat},
		"deep":            {strings.Repeat(`{"a":`, 100000), fingerprint.ErrTooLarge},
		"deep in class":   {swap(`"reason": "`, `"reason": {}, "x": "`), fingerprint.ErrTooLarge},
		"key that hurts":  {"{\"\x1b[2J\": 1}", fingerprint.ErrFormat},
		"hostile key":     {`{"\u001b[2J": 1}`, fingerprint.ErrFormat},
	} {
		_, err := fingerprint.Read(strings.NewReader(c.text))
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x1b\x00\n") {
			t.Errorf("%s: %q is not harmless", name, err)
		}
	}
	if _, err := fingerprint.Read(io.LimitReader(spaces{}, fingerprint.MaxBytes+10)); !errors.Is(err, fingerprint.ErrTooLarge) {
		t.Errorf("too long: %v", err)
	}
}

var blank = bytes.Repeat([]byte(" "), 1<<20)

// spaces are without end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	return copy(p, blank), nil
}

// TestWriteRefuses what Read would not take.
func TestWriteRefuses(t *testing.T) {
	a := one(t, cells{})
	if err := fingerprint.Write(io.Discard, []*fingerprint.Fingerprint{a, a}); !errors.Is(err, fingerprint.ErrFormat) {
		t.Errorf("one host twice: %v", err)
	}
	b := one(t, cells{"host": "10.0.0.9", "window_ns": minute})
	if err := fingerprint.Write(io.Discard, []*fingerprint.Fingerprint{a, b}); !errors.Is(err, fingerprint.ErrMixed) {
		t.Errorf("other windows: %v", err)
	}
}

// FuzzRead: whatever comes, no panic; what is read is written and read again.
func FuzzRead(f *testing.F) {
	good := written(f, twoHosts()...)
	f.Add(good)
	f.Add(written(f))
	f.Add([]byte(`{"a":[{"b":1}]}`))
	f.Add([]byte(`]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := fingerprint.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := fingerprint.Write(&out, all); err != nil && len(all) > 0 {
			t.Fatal(err)
		}
		for _, x := range all {
			for _, m := range fingerprint.Metrics() {
				if c, err := fingerprint.Compare(all[0], x, fingerprint.Options{Metric: m}); err != nil || c.Value.X != c.Value.X {
					t.Fatal(fmt.Sprint(c, err))
				}
			}
			v, err := fingerprint.Inspect(x, nil, fingerprint.ViewOptions{Scale: fingerprint.Observe(all)})
			if err != nil {
				t.Fatal(err)
			}
			if err := fingerprint.RenderView(io.Discard, "x", v); err != nil {
				t.Fatal(err)
			}
		}
	})
}
