package verify

import "pcapmill/outputs/manifest"

// checkBytes compares an input's books of bytes with what else is known of it: its
// packets are in the stream once, a complete one leaves nothing, and what salvage
// lost is in the list.
func (f *folder) checkBytes(i int, in *manifest.Input) {
	a := in.Accounting
	if f.m.Options["packets"] == "0" {
		if got := a.StreamBy.Get(manifest.PacketBytes); got != a.CapturedBytes {
			f.find(CheckAccounting, "", "inputs[%d]: the stream has %d bytes of packets, %d were read", i, got, a.CapturedBytes)
		}
		whole := in.Outcome == manifest.Complete || in.Outcome == manifest.CompleteWithNotes
		if left := a.StreamBy.Get("trailing"); whole && left != 0 {
			f.find(CheckAccounting, "", "inputs[%d]: complete, but %d bytes were left", i, left)
		}
	}
	var lost int64
	for _, r := range in.Lost {
		lost += r.Bytes
	}
	if all := a.StreamBy.Get("lost"); lost > all || int64(len(in.Lost)) == in.LostRanges && lost != all {
		f.find(CheckAccounting, "", "inputs[%d]: %d bytes lost, %d in the list of ranges", i, all, lost)
	}
}
