package labels

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/datasets/label"
)

// TestHostLists compares lists in one go as each host with each.
func TestHostLists(t *testing.T) {
	network := rapid.Custom(func(r *rapid.T) netip.Prefix {
		if rapid.Bool().Draw(r, "v6") {
			a := [16]byte{0: 0xfd, 15: rapid.Byte().Draw(r, "byte")}
			return netip.PrefixFrom(netip.AddrFrom16(a), rapid.IntRange(118, 128).Draw(r, "bits")).Masked()
		}
		a := [4]byte{10, 0, rapid.ByteRange(0, 1).Draw(r, "net"), rapid.Byte().Draw(r, "byte")}
		return netip.PrefixFrom(netip.AddrFrom4(a), rapid.IntRange(20, 32).Draw(r, "bits")).Masked()
	})
	rapid.Check(t, func(r *rapid.T) {
		lists, hosts := rapid.SliceOfN(rapid.SliceOfN(network, 1, 5), 2, 6).Draw(r, "lists"), newHostLists()
		for range 2 { // from memory, too
			for _, a := range lists {
				for _, b := range lists {
					want := slices.ContainsFunc(a, func(p netip.Prefix) bool { return slices.ContainsFunc(b, p.Overlaps) })
					if got := hosts.meet(a, b); got != want {
						r.Fatalf("%v and %v: %v", a, b, got)
					}
				}
			}
		}
		if !hosts.meet(nil, label.Hosts(lists[0])) {
			r.Fatal("none is all")
		}
	})
}
