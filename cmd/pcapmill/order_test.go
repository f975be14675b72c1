package main

import (
	"testing"
	"time"

	"pcapmill/stages"
)

// TestReorderFlag: auto is 100 ms, and off where Zeek's rules end flows.
func TestReorderFlag(t *testing.T) {
	for _, test := range []struct {
		text string
		zeek bool
		want time.Duration
	}{
		{"auto", false, 100 * time.Millisecond}, {"auto", true, 0}, {"", true, 0},
		{"2ms", false, 2 * time.Millisecond}, {"2ms", true, 2 * time.Millisecond}, {"0", false, 0}, {"0s", true, 0},
	} {
		c := stages.DefaultConfig()
		c.Timeouts.Zeek = test.zeek
		o := orderFlags{Duplicates: "keep", DuplicateKey: "ip"}
		if err := o.Reorder.UnmarshalText([]byte(test.text)); err != nil {
			t.Fatal(err)
		}
		o.set(&c)
		if c.Reorder != test.want {
			t.Errorf("--reorder %q, zeek %v: %v, want %v", test.text, test.zeek, c.Reorder, test.want)
		}
		var again reorderWidth
		if err := again.UnmarshalText([]byte(o.Reorder.String())); err != nil || again != o.Reorder {
			t.Errorf("%q is printed as %q: %v", test.text, o.Reorder, err)
		}
	}
	if new(reorderWidth).UnmarshalText([]byte("soon")) == nil {
		t.Error("--reorder soon is taken")
	}
}
