package stages

import (
	"cmp"
	"math"
	"slices"

	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// Conversations hold what waits behind holes of streams, messages that are not whole,
// what parsers remember and what rows will say. It is counted by partition, and where
// the whole exceeds the limit at a division, the partitions that hold most give up
// theirs: so which flows they are depends on the packets alone.

// unlimited lets a stream hold what it may by itself: the limit on all is another.
func unlimited(cfg stream.Config) stream.Config {
	cfg.Total = math.MaxInt64 / 2
	return cfg
}

// Memory of a conversation besides what it reserves.
const (
	talkBytes    = 96
	tcpTalkBytes = 600
	appBytes     = 288 // of flow.App with room for few texts
)

// weigh counts what a flow's conversation holds now.
func (rc *recorder) weigh(c *talk, id uint32, partition uint8) {
	now := c.Bytes() + talkBytes
	if t := c.tcp; t != nil {
		now += tcpTalkBytes + t.stream.Held(rc.pool) + int64(cap(t.sides[0].unused)+cap(t.sides[1].unused)+cap(t.saved[0].waiting)+cap(t.saved[1].waiting))
	}
	if c.App != nil {
		now += appBytes
	}
	rc.held[partition] += now - c.weight
	c.id, c.partition, c.weight = id, partition, now
}

// held are the bytes of conversations by partition.
func (t *flowTable) held() *[packet.Partitions]int64 {
	if t.recorder == nil {
		return new([packet.Partitions]int64)
	}
	return &t.recorder.held
}

// limit makes the partitions that hold more than a level give conversations up, those
// first whose flows have been idle longest. What their rows will say stays; where that
// alone is too much, no conversation begins until the next division.
func (rc *recorder) limit(t *flowTable, level int64) {
	rc.shut = [packet.Partitions]bool{}
	if level == math.MaxInt64 {
		return
	}
	rc.idle = rc.idle[:0]
	for _, c := range rc.talks.list {
		if c.weight > 0 && rc.held[c.partition] > level && c.holds() {
			r := t.arena.row(c.id)
			rc.idle = append(rc.idle, idleTalk{r.LastClock, r.LastOrdinal, r.Key.Depth, c})
		}
	}
	slices.SortFunc(rc.idle, idleTalk.compare)
	for _, i := range rc.idle {
		if rc.held[i.talk.partition] > level {
			rc.giveUp(t, i.talk)
		}
	}
	clear(rc.idle)
	for p := range rc.held {
		rc.shut[p] = rc.held[p] > level
	}
}

// idleTalk is a conversation with its flow's last packet and depth in tunnels.
type idleTalk struct {
	clock packet.Nanos
	last  uint32
	depth uint8
	talk  *talk
}

// compare orders conversations; no two flows have had a packet's layer of one depth.
func (a idleTalk) compare(b idleTalk) int {
	return cmp.Or(cmp.Compare(a.clock, b.clock), cmp.Compare(a.last, b.last), cmp.Compare(a.depth, b.depth))
}

// holds reports whether there is anything to give up: what was given up stays on the
// list for what its row will say.
func (c *talk) holds() bool { return c.tcp != nil || c.State != nil }

// giveUp ends what is read of a flow.
func (rc *recorder) giveUp(t *flowTable, c *talk) {
	rc.released++
	if c.tcp != nil {
		rc.closeStreams(c, t.arena.row(c.id))
		t.arena.heardOf(c.id).mute = true
	}
	c.Forget()
	rc.weigh(c, c.id, c.partition)
}
