package job

import (
	"strconv"

	"pcapmill/stages"
)

// messages adds the options about what is read out of packets.
func (o *Options) messages(m map[string]string) {
	c := &o.Stages
	m["keep_secrets"] = strconv.FormatBool(c.Secrets)
	m["stream_bytes"] = strconv.FormatInt(c.Streams.Bytes, 10)
	m["stream_memory"] = strconv.FormatInt(c.Streams.Total, 10)
	m["save_streams"] = strconv.FormatBool(o.SaveStreams != "")
	m["overlap"] = c.Streams.Overlap.String()
}

// streamTotals are the sums over the TCP streams; nil where none was read.
func streamTotals(s *stages.StreamTotals) map[string]int64 {
	if *s == (stages.StreamTotals{}) {
		return nil
	}
	return map[string]int64{
		"streams": s.Streams, "bytes": s.Bytes, "gaps": s.Gaps, "gap_bytes": s.GapBytes, "held_bytes": s.HeldBytes,
		"overlap_bytes": s.OverlapBytes, "conflict_bytes": s.ConflictBytes, "midstream": s.Midstream,
		"conversations_given_up": s.Released, "packets_unread": s.Unheard,
	}
}
