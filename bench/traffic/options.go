package traffic

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"pcapmill/ingest/packet"
)

// Options sizes a generated capture. DefaultOptions fills them by profile.
type Options struct {
	Seed     uint64
	Start    packet.Nanos  // time of the capture's beginning
	Duration time.Duration // over which flows arrive; the last ones end a little later
	Flows    int64         // conversations

	// Packets in all: exact in small and longflows, within about one percent in
	// mixed and vlan, ignored by synflood and manyflows. 0: from Bytes.
	Packets int64

	// Bytes is the wire bytes aimed at, within about one percent in mixed and
	// vlan; it sets Packets. 0: as they come.
	Bytes int64

	BadChecksums float64 // share of packets with a wrong transport checksum, 0 to 1

	// OnFlow gets each conversation's truth when its last packet is written; it
	// may not keep the pointer. Nil: not called.
	OnFlow func(*FlowTruth) error
}

// defaultStart is 2026-03-02 09:00 UTC, a Monday.
const defaultStart packet.Nanos = 1772442000 * 1e9

// profile is one kind of capture.
type profile struct {
	doc      string
	defaults Options
	spawn    func(e *engine, c *conversation) // sets up a new conversation
}

// profiles lists the captures by name.
func profiles() map[string]profile {
	return map[string]profile{
		"mixed": {
			doc:      "campus-like mix: TCP 70 %, UDP 28 % of flows, IPv6 20 %, mean packet 450 B, heavy-tailed flow sizes",
			defaults: Options{Flows: 160_000, Bytes: 1 << 30, Duration: 12 * time.Minute},
			spawn:    spawnMixed,
		},
		"small": {
			doc:      "frames of 64 to 100 bytes in many flows that live some seconds to a minute",
			defaults: Options{Flows: 1_000_000, Packets: 10_000_000, Duration: 10 * time.Minute},
			spawn:    spawnSmall,
		},
		"synflood": {
			doc:      "SYN flood: forged sources against one victim",
			defaults: Options{Flows: 1_000_000, Duration: time.Minute},
			spawn:    spawnFlood,
		},
		"manyflows": {
			doc:      "flows of one or two packets",
			defaults: Options{Flows: 2_000_000, Duration: 10 * time.Minute},
			spawn:    spawnScattered,
		},
		"longflows": {
			doc:      "few conversations over hours of packet time",
			defaults: Options{Flows: 16, Packets: 160_000, Duration: 10 * time.Minute},
			spawn:    spawnLong,
		},
		"ipv6": {
			doc:      "IPv6 only, with extension headers and fragments",
			defaults: Options{Flows: 20_000, Bytes: 128 << 20, Duration: 90 * time.Second},
			spawn:    spawnIPv6,
		},
		"vlan": {
			doc:      "the mix behind VLAN tags, QinQ, MPLS labels and PPPoE",
			defaults: Options{Flows: 20_000, Bytes: 128 << 20, Duration: 90 * time.Second},
			spawn:    spawnTagged,
		},
	}
}

// Profiles returns the profiles' names, sorted, each with a line of explanation.
func Profiles() (names []string, docs map[string]string) {
	docs = map[string]string{}
	for name, p := range profiles() {
		names = append(names, name)
		docs[name] = p.doc
	}
	sort.Strings(names)
	return names, docs
}

// DefaultOptions returns the profile's options with seed 1.
func DefaultOptions(name string) (Options, error) {
	p, ok := profiles()[name]
	if !ok {
		return Options{}, fmt.Errorf("no profile %q", name)
	}
	o := p.defaults
	o.Seed, o.Start = 1, defaultStart
	return o, nil
}

// Validate reports options that describe no capture.
func (o Options) Validate() error {
	switch {
	case o.Flows < 1:
		return errors.New("flows must be at least 1")
	case o.Packets < 0 || o.Bytes < 0:
		return errors.New("packets and bytes must not be negative")
	case o.Packets > 0 && o.Packets < o.Flows:
		return errors.New("fewer packets than flows")
	case o.Duration <= 0:
		return errors.New("duration must be positive")
	case o.BadChecksums < 0 || o.BadChecksums > 1:
		return errors.New("share of bad checksums must be within 0 and 1")
	}
	return nil
}

// Generate writes a capture of the named profile and returns its truth. Errors
// of w and OnFlow end it.
func Generate(name string, w PacketWriter, o Options) (Truth, error) {
	p, ok := profiles()[name]
	if !ok {
		return Truth{}, fmt.Errorf("no profile %q", name)
	}
	if err := o.Validate(); err != nil {
		return Truth{}, err
	}
	e := newEngine(w, o, p.spawn)
	if err := e.run(); err != nil {
		return e.truth, fmt.Errorf("%s: %w", name, err)
	}
	return e.truth, nil
}

// Times returns the options of a capture that is longer by a factor: flows,
// packets, bytes and duration grow alike, so that no more flows are open at once.
func (o Options) Times(factor float64) Options {
	o.Flows = max(1, int64(float64(o.Flows)*factor))
	o.Packets = int64(float64(o.Packets) * factor)
	o.Bytes = int64(float64(o.Bytes) * factor)
	o.Duration = max(1, time.Duration(float64(o.Duration)*factor))
	return o
}
