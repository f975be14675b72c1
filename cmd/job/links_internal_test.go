package job

import (
	"strconv"
	"testing"
	"time"

	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// TestCountLinks sums up by link type and note, in a time that grows with the number of
// interfaces and not with its square.
func TestCountLinks(t *testing.T) {
	const n = 200_000
	var s stages.InputSummary
	for i := range n {
		s.Interfaces = append(s.Interfaces, packet.Interface{Link: 147, Note: strconv.Itoa(i), Packets: 1})
	}
	s.Interfaces = append(s.Interfaces, packet.Interface{Link: 147, Note: "7", Packets: 2}, packet.Interface{Link: packet.LinkEthernet, Packets: 9})
	begin := time.Now()
	links := countLinks([]InputReport{{summary: &s}})
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("%v", took)
	}
	if len(links) != n || links[0] != (LinkCount{Link: 147, Note: "7", Packets: 3}) {
		t.Errorf("%d kinds, first %+v", len(links), links[0])
	}
}
