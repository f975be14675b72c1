package job

import (
	"slices"
	"testing"
)

// TestListable: what a manifest has no room for is said before anything is read.
func TestListable(t *testing.T) {
	for n, fits := range map[int]bool{1: true, 100_000: true, 200_000: false} {
		if err := listable(slices.Repeat([]source{{name: "captures/2026/11/30/000001.pcap"}}, n)); (err == nil) != fits {
			t.Errorf("%d captures: %v", n, err)
		}
	}
}
