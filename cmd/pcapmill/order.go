package main

import (
	"fmt"
	"time"

	"pcapmill/stages"
)

// orderFlags say in which order packets are handled, and what becomes of those that
// were captured twice.
type orderFlags struct {
	Merge   bool         `help:"The captures are parallel taps: interleave them by packet time instead of reading one after the other; up to ${max_taps}."`
	Reorder reorderWidth `placeholder:"DURATION" default:"auto" help:"How long packets wait for those that belong before them; 0: keep the order of the capture. auto: ${reorder}, with --timers zeek 0."`

	Duplicates      string        `enum:"keep,mark,drop" default:"${duplicates}" help:"Packets captured more than once: keep, count them like others; mark, the same and count them in duplicate_packets; drop, leave them out."`
	DuplicateKey    string        `enum:"ip,vlan,frame,inner" default:"${duplicate_key}" help:"What makes two packets the same: ip, the IP packet but for TTL and header checksum; vlan, and the tags before it; frame, every byte; inner, as ip but inside all tunnels."`
	DuplicateWindow time.Duration `default:"${duplicate_window}" help:"Most time between a packet and its duplicate."`
}

// set puts the flags into the settings, of which the timeouts are there already.
func (o *orderFlags) set(c *stages.Config) {
	c.Merge = o.Merge
	switch {
	case o.Reorder.set:
		c.Reorder = o.Reorder.width
	case c.Timeouts.Zeek: // which takes packets as they come
		c.Reorder = 0
	}
	c.Duplicates = stages.Duplicates{
		Mode: stages.DuplicateMode(o.Duplicates), Key: stages.DuplicateKey(o.DuplicateKey), Window: o.DuplicateWindow,
	}
}

// reorderWidth is a duration, or auto.
type reorderWidth struct {
	width time.Duration
	set   bool
}

const auto = "auto"

// UnmarshalText reads a duration or auto.
func (w *reorderWidth) UnmarshalText(text []byte) error {
	*w = reorderWidth{}
	if string(text) == auto || len(text) == 0 {
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a duration, as 100ms, nor auto", text)
	}
	*w = reorderWidth{d, true}
	return nil
}

// MarshalText is the inverse.
func (w reorderWidth) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// String returns the duration, or auto.
func (w reorderWidth) String() string {
	if !w.set {
		return auto
	}
	return w.width.String()
}
