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

	// Packets in all. Every profile writes exactly that many where its
	// conversations can hold them, and at least one per flow. 0: from Bytes.
	Packets int64

	// Bytes is the wire bytes aimed at, within about one percent; 0: as they
	// come. Used by mixed.
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
		return Options{}, fmt.Errorf("traffic: no profile %q", name)
	}
	o := p.defaults
	o.Seed, o.Start = 1, defaultStart
	return o, nil
}

// Validate reports options that describe no capture.
func (o Options) Validate() error {
	switch {
	case o.Flows < 1:
		return errors.New("traffic: flows must be at least 1")
	case o.Packets < 0 || o.Bytes < 0:
		return errors.New("traffic: packets and bytes must not be negative")
	case o.Packets > 0 && o.Packets < o.Flows:
		return errors.New("traffic: fewer packets than flows")
	case o.Duration <= 0:
		return errors.New("traffic: duration must be positive")
	case o.BadChecksums < 0 || o.BadChecksums > 1:
		return errors.New("traffic: share of bad checksums must be within 0 and 1")
	}
	return nil
}

// Generate writes a capture of the named profile and returns its truth. Errors
// of w and OnFlow end it.
func Generate(name string, w PacketWriter, o Options) (Truth, error) {
	p, ok := profiles()[name]
	if !ok {
		return Truth{}, fmt.Errorf("traffic: no profile %q", name)
	}
	if err := o.Validate(); err != nil {
		return Truth{}, err
	}
	e := newEngine(w, o, p.spawn)
	if err := e.run(); err != nil {
		return e.truth, fmt.Errorf("traffic: %s: %w", name, err)
	}
	return e.truth, nil
}

// Scale sets the number of flows and the duration. With flows alone the duration
// keeps the rate of arrivals, so that a longer capture has no more flows open at
// once; 0 leaves a value as it is.
func (o *Options) Scale(flows int64, duration time.Duration) {
	if flows > 0 {
		o.Duration = time.Duration(float64(o.Duration) / float64(o.Flows) * float64(flows))
		o.Flows = flows
	}
	if duration > 0 {
		o.Duration = duration
	}
}
