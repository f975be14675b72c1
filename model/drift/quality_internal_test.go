package drift

import (
	"slices"
	"testing"

	"pcapmill/model/windows"
)

// recordedWindows are windows of which only the quality is asked.
type recordedWindows struct {
	Windows
	quality []windows.Quality
}

func (r recordedWindows) Quality() []windows.Quality { return r.quality }

// TestQuality: what captures lack is said, and from a share on nothing else is.
func TestQuality(t *testing.T) {
	dropped := func(n int64) *int64 { return &n }
	for name, test := range map[string]struct {
		quality  []windows.Quality
		gated    bool
		subjects []string
	}{
		"no manifest":     {[]windows.Quality{{}}, false, nil},
		"nothing missing": {[]windows.Quality{{Recorded: &windows.Recorded{Packets: 1000, StreamBytes: 1 << 20}}}, false, nil},
		"none dropped":    {[]windows.Quality{{Recorded: &windows.Recorded{Packets: 1000, Dropped: dropped(0)}}}, false, nil},
		"a hundredth":     {[]windows.Quality{{Recorded: &windows.Recorded{Packets: 990, Dropped: dropped(10)}}}, false, nil},
		"more":            {[]windows.Quality{{Recorded: &windows.Recorded{Packets: 989, Dropped: dropped(11)}}}, true, []string{"dropped_packets"}},
		"of one of two": {[]windows.Quality{
			{Recorded: &windows.Recorded{Packets: 500}}, {Recorded: &windows.Recorded{Packets: 489, Dropped: dropped(11)}},
		}, true, []string{"dropped_packets"}},
		"gaps":           {[]windows.Quality{{Recorded: &windows.Recorded{Packets: 1, StreamBytes: 90_000, GapBytes: 10_000}}}, true, []string{"tcp_gap_bytes"}},
		"gaps of little": {[]windows.Quality{{Recorded: &windows.Recorded{Packets: 1, StreamBytes: 90, GapBytes: 10}}}, false, nil},
		"damaged": {[]windows.Quality{{NoKeys: 2, Recorded: &windows.Recorded{Packets: 100, Malformed: 2, Cut: 1, Rejected: 1, EvictedFlows: 3}}},
			false, []string{"flows_evicted", "inputs", "malformed_packets", "windows_without_keys"}},
	} {
		items, gated := quality(recordedWindows{quality: test.quality})
		var subjects []string
		for _, x := range items {
			subjects = append(subjects, x.Subject)
			if x.Severity != Low || x.Layer != Quality || x.Text == "" || x.Current == nil {
				t.Errorf("%s: %+v", name, x)
			}
		}
		slices.Sort(subjects)
		if gated != test.gated || !slices.Equal(subjects, test.subjects) {
			t.Errorf("%s: %v, gated %v", name, subjects, gated)
		}
	}
	if items, gated := quality(nil); items != nil || gated {
		t.Error("windows that know nothing of captures say", items)
	}
}

// TestGate: what a lossy capture shows is listed, and has no severity.
func TestGate(t *testing.T) {
	items := []Item{
		{Layer: Quality, Severity: Low, Outcome: Drift}, {Layer: Schema, Severity: Medium, Outcome: Drift},
		{Layer: Volume, Severity: High, Outcome: Drift}, {Layer: Behaviour, Severity: Low, Outcome: Drift},
	}
	scores := []Score{{Severity: Critical, Action: Critical.Action()}}
	gate(items, scores)
	for i, want := range []struct {
		severity Severity
		outcome  Outcome
	}{{Low, Drift}, {Medium, Drift}, {None, Gated}, {None, Gated}} {
		if items[i].Severity != want.severity || items[i].Outcome != want.outcome {
			t.Errorf("%+v", items[i])
		}
	}
	if scores[0].Severity != None || scores[0].Action == Critical.Action() {
		t.Errorf("%+v", scores[0])
	}
}
