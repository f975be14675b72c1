package stages

import "pcapmill/features/flow"

// StreamTotals sum up the TCP streams of a run that were read, as they ended.
type StreamTotals struct {
	Streams       int64 // directions with data that was read or given up
	Bytes         int64
	Gaps          int64
	GapBytes      int64
	HeldBytes     int64
	OverlapBytes  int64
	ConflictBytes int64
	Midstream     int64 // directions whose beginning was not seen
	Released      int64 // conversations given up for memory, of datagrams too
	Unheard       int64 // packets not read for the same reason
}

// count adds the streams of a flow, which are over, n times: once, or -1 times where they
// have been added before and the flow has had others since.
func (t *StreamTotals) count(streams *[2]flow.Stream, n int64) {
	for i := range streams {
		s := &streams[i]
		t.Bytes, t.Gaps, t.GapBytes = t.Bytes+n*s.Bytes, t.Gaps+n*s.Gaps, t.GapBytes+n*s.GapBytes
		t.HeldBytes, t.OverlapBytes, t.ConflictBytes = t.HeldBytes+n*s.HeldBytes, t.OverlapBytes+n*s.OverlapBytes, t.ConflictBytes+n*s.ConflictBytes
		if s.Bytes+s.GapBytes == 0 {
			continue // all of it waits
		}
		t.Streams += n
		if !s.StartKnown {
			t.Midstream += n
		}
	}
}

// plus adds the sums of another shard.
func (t *StreamTotals) plus(u *StreamTotals) {
	t.Streams, t.Bytes, t.Gaps, t.GapBytes = t.Streams+u.Streams, t.Bytes+u.Bytes, t.Gaps+u.Gaps, t.GapBytes+u.GapBytes
	t.HeldBytes, t.OverlapBytes, t.ConflictBytes = t.HeldBytes+u.HeldBytes, t.OverlapBytes+u.OverlapBytes, t.ConflictBytes+u.ConflictBytes
	t.Midstream, t.Released, t.Unheard = t.Midstream+u.Midstream, t.Released+u.Released, t.Unheard+u.Unheard
}
