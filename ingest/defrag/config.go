package defrag

import (
	"fmt"
	"time"
)

// Config bounds a Table.
type Config struct {
	Datagrams int           // incomplete datagrams held at a time
	Bytes     int64         // memory that they may take
	IPv4      time.Duration // packet time from a datagram's first fragment to arrive
	IPv6      time.Duration
}

// DefaultConfig returns the documented defaults: the times are those of Linux for
// IPv4 and of RFC 8200, 4.5 for IPv6.
func DefaultConfig() Config {
	return Config{Datagrams: 1 << 16, Bytes: 32 << 20, IPv4: 30 * time.Second, IPv6: time.Minute}
}

// maxTimeout keeps sums of clock and timeout far from overflow.
const maxTimeout = 24 * time.Hour

// Validate reports the first setting that cannot be used.
func (c *Config) Validate() error {
	switch {
	case c.Datagrams < 1:
		return fmt.Errorf("fragmented datagrams held must be at least 1, not %d", c.Datagrams)
	case c.Bytes < minBytes:
		return fmt.Errorf("memory for fragments must be at least %d bytes, not %d", minBytes, c.Bytes)
	}
	for _, d := range []time.Duration{c.IPv4, c.IPv6} {
		if d < 1 || d > maxTimeout {
			return fmt.Errorf("time for fragments must be above 0 and at most %v, not %v", maxTimeout, d)
		}
	}
	return nil
}

// minBytes holds the largest datagram in fragments of common size.
const minBytes = 128 << 10

// Stats counts what became of fragments.
type Stats struct {
	Joined     int64 // datagrams that became whole
	Duplicates int64 // fragments that came again, byte for byte
	Overlaps   int64 // fragments that overlap others
	Conflicts  int64 // fragments that contradict the datagram's end
	Discarded  int64 // IPv6 datagrams with an overlap or a second end
	Malformed  int64 // fragments without data, of a wrong length, or nested
	Oversized  int64 // fragments, or whole datagrams, of more than 65,535 bytes
	Expired    int64 // datagrams whose time was up
	Evicted    int64 // datagrams given up for the limits
	Unfinished int64 // datagrams that the end of input left incomplete
}

// Plus adds what became of others.
func (s *Stats) Plus(t *Stats) {
	s.Joined, s.Duplicates, s.Overlaps = s.Joined+t.Joined, s.Duplicates+t.Duplicates, s.Overlaps+t.Overlaps
	s.Conflicts, s.Discarded, s.Malformed = s.Conflicts+t.Conflicts, s.Discarded+t.Discarded, s.Malformed+t.Malformed
	s.Oversized, s.Expired, s.Evicted = s.Oversized+t.Oversized, s.Expired+t.Expired, s.Evicted+t.Evicted
	s.Unfinished += t.Unfinished
}
