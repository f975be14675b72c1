package label_test

import (
	"slices"
	"testing"

	"pcapmill/datasets/label"
)

func TestNamed(t *testing.T) {
	paths := []string{"in/day1/capture.pcap.gz", "in/day2/capture.pcap.gz", "in/other.pcapng", "other.pcapng"}
	for name, want := range map[string][]int{
		"capture.pcap":            {0, 1},
		"capture.pcap.zst":        {0, 1},
		"/data/day2/capture.pcap": {1},
		"day1/capture.pcap.gz":    {0},
		"other.pcapng":            {3}, // just that path
		"x/in/other.pcapng":       {2},
		"y/other.pcapng.xz":       {2, 3},
		"capture.pcapng":          nil,
		"day1":                    nil,
		"":                        nil,
	} {
		var got []int
		for i, is := range label.Named(name, paths) {
			if is {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
