package windows_test

import (
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/model/fingerprint/hosttest"
	"pcapmill/model/windows"
)

// TestWithin: of windows outside of From and To nothing is seen, not even what is wrong with them.
func TestWithin(t *testing.T) {
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil), at(1, "10.0.0.1", nil), at(2, "10.0.0.1", cells{"part_no": 1}), at(3, "10.0.0.1", nil)},
		[]cells{pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1), pair(1, "10.0.0.1", "10.0.0.3", 6, 1, 2)})
	o := windows.DefaultOptions()
	o.From, o.To = hosttest.Begin+window, hosttest.Begin+3*window
	s := opened(t, o, dir)
	same(t, read(t, s), "1 10.0.0.1 0 endpoint=10.0.0.3:1/tcp×2 peer=10.0.0.3×2 service=tcp/1×2")
	if q := s.Quality()[0]; q.Windows != 1 || q.Rows != 1 || q.LeftOut[1].Windows != 1 {
		t.Errorf("%+v", q)
	}
	o.From, o.To = 2, 1
	if err := o.Validate(); err == nil {
		t.Error("from behind to")
	}
}

// TestOpenParts: files of a growing dataset are read as Open reads the dataset, where captures
// cover as much.
func TestOpenParts(t *testing.T) {
	hosts := []cells{at(0, "10.0.0.1", cells{"out_packets": 5}), at(1, "10.0.0.1", nil), at(2, "10.0.0.1", nil)}
	pairs := []cells{pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1), pair(2, "10.0.0.1", "10.0.0.3", 6, 1, 2)}
	want := read(t, opened(t, windows.DefaultOptions(), dataset(t, hosts, pairs)))
	first, second := dataset(t, hosts[:1], pairs[:1]), dataset(t, hosts[1:], pairs[1:])
	file := func(dir, table string) string { return filepath.Join(dir, table, "part-00000.parquet") }
	p := windows.Parts{
		Path: "out", Hosts: []string{file(first, "hosts"), file(second, "hosts")}, Pairs: []string{file(first, "pairs"), file(second, "pairs")},
		Recorded: &windows.Recorded{Packets: 7},
	}
	s, err := windows.OpenParts(t.Context(), p, windows.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	same(t, read(t, s), want...)
	if q := s.Quality()[0]; q.Path != "out" || !q.Keys || q.Recorded.Packets != 7 {
		t.Errorf("%+v", q)
	}
	p.Covered = []windows.Span{{First: hosttest.Begin, End: hosttest.Begin + window + window/2}, {First: hosttest.Begin + window + window/2 - 1, End: hosttest.Begin + 2*window}}
	if s, err = windows.OpenParts(t.Context(), p, windows.DefaultOptions()); err != nil {
		t.Fatal(err)
	}
	same(t, read(t, s), want[:2]...)
	p.Covered, p.Pairs = []windows.Span{}, nil
	if s, err = windows.OpenParts(t.Context(), p, windows.DefaultOptions()); err != nil || len(read(t, s)) != 0 {
		t.Errorf("%v", err)
	}
	if _, err := windows.OpenParts(t.Context(), windows.Parts{}, windows.DefaultOptions()); err == nil {
		t.Error("nothing is opened")
	}
	frames, err := windows.Frames(t.Context(), p.Hosts)
	if err != nil || !slices.Equal(frames, []windows.Frame{{hosttest.Begin, window, false}, {hosttest.Begin + window, window, false}, {hosttest.Begin + 2*window, window, false}}) {
		t.Errorf("%+v %v", frames, err)
	}
}

// TestFrames: parts are told, and windows between those that lie side by side are not.
func TestFrames(t *testing.T) {
	between := at(0, "10.0.0.1", nil)
	between["window_start_ns"] = hosttest.Begin + window/2
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil), between, at(1, "10.0.0.1", nil), at(0, "10.0.0.2", cells{"part_no": 1})}, nil)
	frames, err := windows.Frames(t.Context(), []string{filepath.Join(dir, "hosts", "part-00000.parquet")})
	if err != nil || !slices.Equal(frames, []windows.Frame{{hosttest.Begin, window, true}, {hosttest.Begin + window, window, false}}) {
		t.Errorf("%+v %v", frames, err)
	}
}
