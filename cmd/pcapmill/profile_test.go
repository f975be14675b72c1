package main

import (
	"runtime"
	"testing"
)

// TestStacksAreKeptForProfilesAlone: who wants no profile of memory pays for none.
func TestStacksAreKeptForProfilesAlone(t *testing.T) {
	t.Cleanup(keepStacks)
	for _, c := range []struct {
		mem  string
		want int
	}{{"", 0}, {"heap", sampledBytes}} {
		keepNoStacks()
		if _, err := startProfiles("", c.mem); err != nil || runtime.MemProfileRate != c.want {
			t.Errorf("--mem-profile %q: %d bytes a sample, %v; want %d", c.mem, runtime.MemProfileRate, err, c.want)
		}
	}
}
