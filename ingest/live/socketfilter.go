package live

import (
	"fmt"
	"slices"

	"golang.org/x/net/bpf"

	"pcapmill/ingest/filter"
)

// linkSlack is room for a link's own header, which a cooked one takes the place of.
const linkSlack = 256

// dropAll is the filter of a socket that is not to hear anything yet.
var dropAll = []bpf.RawInstruction{{Op: opReturn}}

// keepAll keeps the first bytes of every frame.
func keepAll(n int) []bpf.RawInstruction { return []bpf.RawInstruction{{Op: opReturn, K: uint32(n)}} }

// socketFilter returns what a socket is attached for frames that p accepts, all where p is
// nil. The error says why the kernel cannot decide that.
func socketFilter(p filter.Program, f framing, snapLen int) ([]bpf.RawInstruction, error) {
	keep := snapLen + linkSlack
	if p == nil {
		return keepAll(keep), nil
	}
	plainSite, tagSite := siteAsIs, siteTagged
	if f == framingCooked {
		plainSite, tagSite = siteCooked, siteCookedTag
	}
	plain, err := rewrite(p, plainSite, keep)
	if err != nil || f == framingAsIs {
		return plain, err
	}
	tagged, err := rewrite(p, tagSite, keep)
	if err != nil {
		return nil, err
	}
	if slices.Equal(plain, tagged) {
		return plain, nil
	}
	zero := bpf.RawInstruction{Op: opLoadImm} // as at the start of a program
	out := []bpf.RawInstruction{
		{Op: opLoadWord, K: adTagged},
		{Op: opJumpEqual, Jt: 1},
		{Op: opJump, K: uint32(len(plain) + 1)},
		zero,
	}
	return append(append(append(out, plain...), zero), tagged...), nil
}

// onlyOnce makes a filter reject frames that the interface loopback sends: it receives each
// of them too. With 0 the filter is attached to that interface alone.
func onlyOnce(p []bpf.RawInstruction, loopback int) []bpf.RawInstruction {
	out := []bpf.RawInstruction{{Op: opLoadWord, K: adPktType}}
	if loopback == 0 {
		out = append(out, bpf.RawInstruction{Op: opJumpEqual, Jf: 1, K: pktOutgoing})
	} else {
		out = append(out, bpf.RawInstruction{Op: opJumpEqual, Jf: 3, K: pktOutgoing},
			bpf.RawInstruction{Op: opLoadWord, K: adIndex},
			bpf.RawInstruction{Op: opJumpEqual, Jf: 1, K: uint32(loopback)})
	}
	out = append(out, bpf.RawInstruction{Op: opReturn}, bpf.RawInstruction{Op: opLoadImm})
	return append(out, p...)
}

// checkSize reports a filter that is too long for a socket.
func checkSize(p []bpf.RawInstruction) error {
	if len(p) > maxProgram {
		return fmt.Errorf("takes %d instructions, and a socket takes %d", len(p), maxProgram)
	}
	return nil
}
