package fingerprint_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"unicode"

	"pcapmill/model/fingerprint"
)

// timeline makes the windows of 10.0.0.1.
func timeline(t *testing.T, rows ...cells) []*fingerprint.Fingerprint {
	t.Helper()
	l := fingerprint.NewTimeline(fingerprint.DefaultLimits(), netip.MustParseAddr("10.0.0.1"))
	for _, b := range hosts(3, rows...) {
		if err := l.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	return l.Fingerprints()
}

func fifteen() []cells {
	rows := []cells{{"host": "10.0.0.2", "out_packets": 99}}
	for i := 14; i >= 0; i-- { // the newest first, which must not matter
		r := cells{"window_start_ns": monday + int64(i)*tenMins, "out_packets": 60 << (i % 4), "out_wire_bytes": 6000, "in_wire_bytes": 400 * i, "active_seconds": 30, "burst_score": 1 + i}
		if i%5 > 0 {
			r["regularity"] = float64(i) / 14
		}
		rows = append(rows, r)
	}
	return rows
}

// TestBars by hand: outbound_ratio 0.25 fills a quarter; a baseline's mean of 0.5 lies in
// the middle, 2.5 of its deviations of 0.1 above.
func TestBars(t *testing.T) {
	f := one(t, cells{"out_wire_bytes": 100, "in_wire_bytes": 300, "out_packets": 1, "in_packets": 3, "burst_score": 2000})
	v, err := fingerprint.Inspect(f, nil, fingerprint.ViewOptions{Scale: spreads{"outbound_ratio": {0.5, 0.1}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range v.Bars {
		switch b.Feature.Name {
		case "outbound_ratio":
			if b.Fill != 0.25 || !b.Usual.Known || b.Usual.X != 0.5 || b.Z.X != -2.5 {
				t.Errorf("%+v", b)
			}
		case "burst_score":
			if b.Fill != 1 || b.Word != "extreme" || b.Usual.Known || b.Z.Known {
				t.Errorf("%+v", b)
			}
		case "regularity":
			if b.Fill != 0 || b.Value.Known {
				t.Errorf("%+v", b)
			}
		}
	}
	if len(v.Bars) != len(fingerprint.Features()) || v.Timeline != nil {
		t.Errorf("%d bars", len(v.Bars))
	}
}

// TestTimeline: the newest windows in the order of time, as many as the limit says.
func TestTimeline(t *testing.T) {
	windows := timeline(t, fifteen()...)
	f := one(t, fifteen()[1:]...)
	for limit, want := range map[int]int{0: 10, 3: 3, 15: 15, 100: 15} {
		v, err := fingerprint.Inspect(f, windows, fingerprint.ViewOptions{Feature: "packets_per_s", Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		l := v.Timeline
		if len(l.Points) != want || l.Before != 15-want || len(v.Bars) != 1 {
			t.Errorf("limit %d: %d points, %d before", limit, len(l.Points), l.Before)
		}
		for i, p := range l.Points {
			at := l.Before + i
			if p.Start != monday+int64(at)*tenMins || p.Bar.Value.X != float64(int(60)<<(at%4))/600 {
				t.Errorf("point %d: %+v", i, p)
			}
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	f := one(t, cells{})
	if _, err := fingerprint.Inspect(f, nil, fingerprint.ViewOptions{Feature: "nope\x1b"}); !errors.Is(err, fingerprint.ErrFeature) || strings.Contains(err.Error(), "\x1b") {
		t.Error(err)
	}
	if _, err := fingerprint.Inspect(f, timeline(t, cells{}), fingerprint.ViewOptions{}); !errors.Is(err, fingerprint.ErrFeature) {
		t.Error(err)
	}
}

// TestRenderGolden is what people see.
func TestRenderGolden(t *testing.T) {
	windows, f := timeline(t, fifteen()...), one(t, fifteen()[1:]...)
	v, err := fingerprint.Inspect(f, windows, fingerprint.ViewOptions{Feature: "regularity", Scale: fingerprint.Observe(windows)})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := fingerprint.RenderView(&b, "10.0.0.1", v); err != nil {
		t.Fatal(err)
	}
	all, err := fingerprint.Inspect(f, nil, fingerprint.ViewOptions{Scale: fingerprint.Observe(windows)})
	if err != nil {
		t.Fatal(err)
	}
	if err := fingerprint.RenderView(&b, "10.0.0.1 in all", all); err != nil {
		t.Fatal(err)
	}
	c, err := fingerprint.Compare(windows[1], windows[14], fingerprint.Options{Metric: fingerprint.Euclidean})
	if err != nil {
		t.Fatal(err)
	}
	if err := fingerprint.RenderComparison(&b, "window 1", "window 14", c); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/render.txt", b.String())
	bare, err := fingerprint.Inspect(f, nil, fingerprint.ViewOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := fingerprint.RenderView(&b, "10.0.0.1", bare); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(b.String(), "\nfeature ")
	if head, _, _ := strings.Cut(after, "\n"); strings.TrimSpace(head) != "value" {
		t.Errorf("without a scale the columns are %q", head)
	}
}

// TestHostileNames: nothing reaches a terminal that does not print, and JSON stays JSON.
func TestHostileNames(t *testing.T) {
	const name = "\x1b[2J\u202e\xff\n=1+1"
	f := one(t, cells{"out_packets": 2, "burst_score": 1})
	v, err := fingerprint.Inspect(f, nil, fingerprint.ViewOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := fingerprint.Compare(f, f, fingerprint.Options{Metric: fingerprint.Cosine})
	if err != nil {
		t.Fatal(err)
	}
	var text, view, comparison bytes.Buffer
	for _, err := range []error{
		fingerprint.RenderView(&text, name, v), fingerprint.RenderComparison(&text, name, name, c),
		fingerprint.WriteView(&view, name, v), fingerprint.WriteComparison(&comparison, name, name, c),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range text.String() + view.String() + comparison.String() {
		if r != '\n' && !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			t.Errorf("%q is written", r)
		}
	}
	if !json.Valid(view.Bytes()) || !json.Valid(comparison.Bytes()) {
		t.Error("no JSON")
	}
	golden(t, "testdata/comparison.json", comparison.String())
	golden(t, "testdata/view.json", view.String())
}
