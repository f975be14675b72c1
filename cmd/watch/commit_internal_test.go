package watch

import (
	"reflect"
	"testing"

	"pcapmill/model/windows"
)

// TestLacked: what segments lack adds up. What the kernel dropped is known where one segment knows.
func TestLacked(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	one := &kept{Commit: Commit{First: 100, Last: 400, Lacks: Lacks{Packets: 1, Malformed: 2, EvictedFlows: 3, StreamBytes: 4, GapBytes: 5, Damaged: true}}}
	two := &kept{Commit: Commit{First: 500, Last: 501, Lacks: Lacks{Packets: 10, Malformed: 20, Dropped: n(60), EvictedFlows: 30, StreamBytes: 40, GapBytes: 50}}}
	three := &kept{Commit: Commit{First: 9, Last: 2, Lacks: Lacks{Dropped: n(600), Damaged: true}}} // without packets
	for name, c := range map[string]struct {
		of   []*kept
		want windows.Recorded
	}{
		"nothing": {nil, windows.Recorded{}},
		"one":     {[]*kept{one}, windows.Recorded{Inputs: 1, Cut: 1, Packets: 1, Malformed: 2, EvictedFlows: 3, StreamBytes: 4, GapBytes: 5, CoveredNs: 300}},
		"three": {[]*kept{one, two, three}, windows.Recorded{
			Inputs: 3, Cut: 2, Packets: 11, Malformed: 22, Dropped: n(660), EvictedFlows: 33, StreamBytes: 44, GapBytes: 55, CoveredNs: 301,
		}},
	} {
		if got := lacked(c.of); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, *got, c.want)
		}
	}
	if *two.Lacks.Dropped != 60 {
		t.Error("a sum changed what was summed")
	}
}

// TestCovers: a segment covers a stretch in which it has time, and has windows within one where they begin in it.
func TestCovers(t *testing.T) {
	k := &kept{Commit: Commit{First: 100, Last: 200, Clock: 1}, Windows: []window{{Start: 100}, {Start: 150}}}
	for stretch, want := range map[[2]int64][2]bool{
		{0, 100}: {false, false}, {0, 101}: {true, true}, {100, 150}: {true, true}, {101, 150}: {true, false}, {150, 160}: {true, true}, {199, 300}: {true, false}, {200, 300}: {false, false},
	} {
		if got := [2]bool{k.covers(stretch[0], stretch[1]), k.within(stretch[0], stretch[1])}; got != want {
			t.Errorf("%v: covers and within are %v, want %v", stretch, got, want)
		}
	}
	if k.Clock = 0; k.covers(0, 1000) { // it had no packets
		t.Error("a segment without a clock covers time")
	}
}
