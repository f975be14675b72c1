package packet_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"pcapmill/ingest/packet"
)

// TestOutcomeNames pins the manifest keys.
func TestOutcomeNames(t *testing.T) {
	want := []string{
		"in_flow", "filtered", "duplicate", "non_ip", "unsupported_link", "other_link",
		"malformed_l2", "malformed_l3", "malformed_l4", "fragment_unresolved", "over_limit",
	}
	if int(packet.NumOutcomes) != len(want) {
		t.Fatalf("%d outcomes, want %d", packet.NumOutcomes, len(want))
	}
	for i, name := range want {
		if got := packet.Outcome(i).String(); got != name {
			t.Errorf("outcome %d is %q, want %q", i, got, name)
		}
	}
	if got := packet.NumOutcomes.String(); got != "invalid_outcome" {
		t.Errorf("beyond the last: %q", got)
	}
}

func TestAccounting(t *testing.T) {
	var a packet.Accounting
	if !a.Conserved() {
		t.Error("nothing read is not conserved")
	}
	lengths := [][2]uint32{{60, 60}, {96, 1514}, {0, 0}, {1<<32 - 1, 1<<32 - 1}}
	for i, l := range lengths {
		a.Read.Add(l[0], l[1])
		a.By[packet.Outcome(i)].Add(l[0], l[1])
	}
	want := packet.Tally{Packets: 4, CapturedBytes: 60 + 96 + 1<<32 - 1, WireBytes: 60 + 1514 + 1<<32 - 1}
	if a.Read != want || a.Disposed() != want || !a.Conserved() {
		t.Errorf("read %+v, disposed %+v, want %+v", a.Read, a.Disposed(), want)
	}
	b := a
	b.Plus(&a)
	if b.Read.Packets != 8 || b.By[packet.Filtered] != (packet.Tally{Packets: 2, CapturedBytes: 192, WireBytes: 3028}) || !b.Conserved() {
		t.Errorf("sum %+v", b)
	}
}

// TestAccountingNotices checks that a loss in any of the three counts is seen.
func TestAccountingNotices(t *testing.T) {
	for name, lose := range map[string]func(*packet.Tally){
		"packet":         func(t *packet.Tally) { t.Packets-- },
		"captured bytes": func(t *packet.Tally) { t.CapturedBytes-- },
		"wire bytes":     func(t *packet.Tally) { t.WireBytes-- },
	} {
		for o := range packet.NumOutcomes {
			var a packet.Accounting
			a.Read.Add(10, 20)
			a.By[o].Add(10, 20)
			if !a.Conserved() {
				t.Fatalf("%v: not conserved", o)
			}
			if lose(&a.By[o]); a.Conserved() {
				t.Errorf("%v: loss of a %s not noticed", o, name)
			}
		}
	}
}

// TestBlockRelease checks that the last of many holders, and no other, returns
// the block.
func TestBlockRelease(t *testing.T) {
	var recycled atomic.Int32
	b := &packet.Block{}
	for round := range int32(50) {
		var holders sync.WaitGroup
		b.Hold(8, func(got *packet.Block) {
			if got != b {
				t.Error("another block came back")
			}
			recycled.Add(1)
		})
		for range 8 {
			holders.Go(b.Release)
		}
		holders.Wait()
		if recycled.Load() != round+1 {
			t.Fatalf("recycled %d times after %d rounds", recycled.Load(), round+1)
		}
	}
	b.Hold(1, nil)
	b.Release() // a block without a pool
}

func TestBlockReset(t *testing.T) {
	b := &packet.Block{Data: make([]byte, 5, 100), Records: make([]packet.Record, 3, 9), EndOfEpoch: true}
	b.Views, b.Lists = append(b.Views, packet.View{}), [][]packet.Ref{{}, {{}}}
	b.Reset()
	if len(b.Data) != 0 || cap(b.Data) != 100 || len(b.Records) != 0 || cap(b.Records) != 9 || b.EndOfEpoch || len(b.Lists) != 2 {
		t.Errorf("after Reset: %+v", b)
	}
	if len(b.Views) != 0 || cap(b.Views) == 0 || len(b.Lists[1]) != 0 || cap(b.Lists[1]) == 0 {
		t.Error("Reset keeps entries or gives memory up")
	}
}
