package live

import "math"

// linkCounts are an interface's own counters, as it gives them.
type linkCounts struct {
	rxPackets, rxBytes, rxDropped, rxMissed uint64
	txPackets, txBytes, txDropped           uint64
}

// since returns how far a counter has come. One that goes back has wrapped at 32 bits if it
// was near there, as those of some drivers do; else it began anew.
func since(before, now uint64) int64 {
	const near = math.MaxUint32 / 2
	switch {
	case now >= before:
		return int64(now - before)
	case before <= math.MaxUint32 && before > near && now < near:
		return int64(now + 1<<32 - before)
	}
	return int64(min(now, math.MaxInt64))
}

// add adds to the statistics what an interface counted between two readings.
func (s *Stats) add(before, now linkCounts) {
	s.InterfacePackets += since(before.rxPackets, now.rxPackets)
	s.InterfaceBytes += since(before.rxBytes, now.rxBytes)
	s.InterfaceDropped += since(before.rxDropped, now.rxDropped)
	s.InterfaceMissed += since(before.rxMissed, now.rxMissed)
}
