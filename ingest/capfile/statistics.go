package capfile

import (
	"maps"
	"math"
	"slices"

	"pcapmill/ingest/packet"
)

// Statistic is a number of an interface statistics block.
type Statistic uint8

// The statistics. They are what the capturing program claims of an interface.
const (
	Received  Statistic = iota // isb_ifrecv: packets the interface received
	Dropped                    // isb_ifdrop: packets it dropped for lack of resources
	Accepted                   // isb_filteraccept: packets that passed the capture filter
	OSDropped                  // isb_osdrop: packets the operating system dropped
	Delivered                  // isb_usrdeliv: packets delivered to the capturing program
	NumStatistics
)

// Statistics are the last claims about one interface: later blocks go on
// counting from earlier ones.
type Statistics struct {
	Interface int // index into Reader.Interfaces
	Blocks    int64
	Known     [NumStatistics]bool
	Value     [NumStatistics]int64 // packets
}

// Options of interface statistics blocks that are read: from isb_ifrecv to
// isb_usrdeliv, in the order of the statistics.
const (
	firstStatistic = 4
	lastStatistic  = firstStatistic + uint16(NumStatistics) - 1
)

// minStatisticsBlock is the length of an interface statistics block without
// options.
const minStatisticsBlock = 24

// statisticsBlock takes an interface statistics block.
func (r *Reader) statisticsBlock(block []byte) {
	id := uint32(math.MaxUint32)
	if len(block) >= minStatisticsBlock {
		id = r.ng.order.u32(block[8:])
	}
	if uint64(id) >= uint64(len(r.ng.sources)) {
		r.info.Odd[BadStatistics]++
		r.stepped(blockStatistics, len(block))
		return
	}
	r.described(minStatisticsBlock, len(block))
	if r.ng.live {
		r.watermark(block, &r.ng.sources[id])
	}
	s := r.statisticsOf(int(r.ng.sources[id].global))
	s.Blocks++
	for list := block[minStatisticsBlock-4 : len(block)-4]; ; {
		code, value, rest, ok := r.nextOption(list)
		if !ok {
			return
		}
		list = rest
		switch {
		case code == optionComment:
			r.info.Odd[Comment]++
		case code < firstStatistic || code > lastStatistic:
		case len(value) != 8 || r.ng.order.u64(value) > math.MaxInt64:
			r.info.Odd[BadStatistics]++
		default:
			which := code - firstStatistic
			s.Known[which], s.Value[which] = true, int64(r.ng.order.u64(value))
		}
	}
}

// watermark takes the time of a statistics block for how far time has come.
func (r *Reader) watermark(block []byte, src *source) {
	stamp := uint64(r.ng.order.u32(block[12:]))<<32 | uint64(r.ng.order.u32(block[16:]))
	if t := r.timeOf(src, stamp); t != packet.NoTime {
		r.ng.watermark = t
	}
}

// statisticsOf returns the entry of an interface.
func (r *Reader) statisticsOf(face int) *Statistics {
	s, found := r.statistics[face]
	if !found {
		s = &Statistics{Interface: face}
		if r.statistics == nil {
			r.statistics = make(map[int]*Statistics)
		}
		r.statistics[face] = s
	}
	return s
}

// sortedStatistics lists the entries by interface.
func (r *Reader) sortedStatistics() []Statistics {
	var out []Statistics
	for _, face := range slices.Sorted(maps.Keys(r.statistics)) {
		out = append(out, *r.statistics[face])
	}
	return out
}
