package job

import (
	"fmt"

	"pcapmill/ingest/defrag"
)

// fragmentNotes are what was unusual about an input's fragments. That a datagram
// was put together is not.
func fragmentNotes(s *defrag.Stats) []string {
	var notes []string
	for _, n := range []struct {
		key   string
		count int64
	}{
		{"fragment_duplicates", s.Duplicates},
		{"fragment_overlaps", s.Overlaps},
		{"fragment_conflicts", s.Conflicts},
		{"fragments_malformed", s.Malformed},
		{"fragments_oversized", s.Oversized},
		{"datagrams_discarded", s.Discarded},
		{"datagrams_timed_out", s.Expired},
		{"datagrams_evicted", s.Evicted},
		{"datagrams_unfinished", s.Unfinished},
	} {
		if n.count > 0 {
			notes = append(notes, fmt.Sprintf("%s: %d", n.key, n.count))
		}
	}
	return notes
}
