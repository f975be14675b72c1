package stages

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"pcapmill/features/flow"
	"pcapmill/features/flow/connstate"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/features/window/host"
	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// InputMode says how several inputs form one run.
type InputMode string

// The input modes.
const (
	Sequence    InputMode = "sequence"    // one capture cut into files: flow state carries over
	Independent InputMode = "independent" // unrelated captures: each begins with empty state
)

// Timeouts end flows. All run on the packet clock.
type Timeouts struct {
	TCPIdle   time.Duration // no packet of an open TCP connection
	TCPClosed time.Duration // no packet after both sides closed, or after a reset
	UDPIdle   time.Duration
	OtherIdle time.Duration // ICMP, SCTP, fragments and all else
	Active    time.Duration // longest piece of a flow; 0: never cut
	Zeek      bool          // end connections as Zeek does, by its attempt, close and reset delays
}

// KeyParts are what keeps flows apart besides endpoints and protocol.
type KeyParts struct {
	VLAN   bool // the VLAN stack
	Tunnel bool // the identifier of the tunnel around the flow
}

// Config are the settings of a run that change its tables, and first two that do not.
type Config struct {
	Workers      int    // shards
	HashSeed     uint64 // keys the flow tables' hash; 0: a new key for each run, which nobody can aim at
	Inputs       InputMode
	FirstInput   int // number of the first input, where others before are of sessions that are over
	Timeouts     Timeouts
	Key          KeyParts
	Tunnels      int           // deepest tunnel in tunnels that is looked into; 0: none is
	MaxFlows     int64         // flows open at a time; 0: no limit
	Features     []string      // feature groups of the flows table
	Records      []string      // protocols whose messages become tables: see record.Select
	Errors       bool          // the errors table is written
	Windows      []string      // tables of windows: see window.Select
	Tick         time.Duration // length of the slots
	Window       time.Duration // length of the windows of hosts and pairs
	Hop          time.Duration // from the begin of one of them to that of the next; 0: Window, they do not overlap
	WindowMemory int64         // bytes that these may take
	Secrets      bool          // passwords, cookies and queries in them are kept
	Streams      stream.Config
	Save         StreamStore  // takes the TCP streams; nil: they are not saved
	Flow         flow.Options // settings of the feature families
	First        int          // packets kept by the first_packets group
	From, To     packet.Nanos // packets outside [From, To) are filtered
	Packets      int64        // stop after so many packets; 0: read all
	Checksums    bool         // verify IPv4, TCP, UDP and ICMP checksums
	Filter       Filter       // packets that do not match are filtered
	Fragments    defrag.Config

	SaveErrors bool // packets with a row in the errors table go to ErrorsFile
	Unknown    bool // packets that no parser claims go to UnknownFile

	Addresses flow.AddrFormat // of the tables

	Merge      bool          // inputs are parallel taps, read at once and interleaved by time
	Duplicates Duplicates    // packets captured more than once
	Reorder    time.Duration // how long packets wait for those that belong before them; 0: keep the order of reading
}

// DefaultConfig returns the documented defaults.
func DefaultConfig() Config {
	return Config{
		Workers: max(1, runtime.GOMAXPROCS(0)/2), // reading and writing keep the other processors busy
		Inputs:  Sequence,
		Timeouts: Timeouts{
			TCPIdle: 5 * time.Minute, TCPClosed: 15 * time.Second,
			UDPIdle: time.Minute, OtherIdle: time.Minute, Active: 30 * time.Minute,
		},
		Tunnels:      MaxTunnelDepth,
		Features:     []string{"default"},
		Records:      []string{record.All},
		Errors:       true,
		Windows:      []string{window.All},
		Tick:         window.DefaultTick,
		Window:       host.DefaultLength,
		WindowMemory: WindowShare(1 << 30),
		Streams:      stream.DefaultConfig(),
		Flow:         flow.Options{PayloadBytes: 64},
		First:        20,
		From:         math.MinInt64,
		To:           math.MaxInt64,
		Fragments:    defrag.DefaultConfig(),
		Checksums:    true,
		Addresses:    flow.AddrText,

		Reorder:    100 * time.Millisecond,
		Duplicates: Duplicates{Mode: DuplicatesKeep, Key: DuplicateByIP, Window: 50 * time.Millisecond},
	}
}

// RecordOptions are the settings of records.
func (c *Config) RecordOptions() record.Options {
	return record.Options{Names: c.Records, Addresses: c.Addresses, Secrets: c.Secrets, Shards: c.Workers, Lookups: c.wantsWindow(host.HostsTable)}
}

// MinFlows is the lowest limit on open flows: each partition may need one, and a
// division must leave room for what opens until the next.
const MinFlows = 2 * interval

// Validate reports the first setting that cannot be used.
func (c *Config) Validate() error {
	switch {
	case c.Workers < 1 || c.Workers > packet.Partitions:
		return fmt.Errorf("workers must be 1 to %d, not %d", packet.Partitions, c.Workers)
	case c.Inputs != Sequence && c.Inputs != Independent:
		return fmt.Errorf("unknown input mode %q; known are sequence, independent", c.Inputs)
	case c.Flow.PayloadBytes < 0 || c.Flow.PayloadBytes > flow.MaxPayloadBytes:
		return fmt.Errorf("payload bytes must be 0 to %d, not %d", flow.MaxPayloadBytes, c.Flow.PayloadBytes)
	case c.First < 1 || c.First > flow.MaxFirstPackets:
		return fmt.Errorf("first packets must be 1 to %d, not %d", flow.MaxFirstPackets, c.First)
	case c.From >= c.To:
		return errors.New("the time range is empty: from must be before to")
	case c.Tunnels < 0 || c.Tunnels > MaxTunnelDepth:
		return fmt.Errorf("tunnel depth must be 0 to %d, not %d", MaxTunnelDepth, c.Tunnels)
	case c.Reorder < 0 || c.Reorder > confirmJump:
		return fmt.Errorf("the reorder window must be 0 to %v, not %v", time.Duration(confirmJump), c.Reorder)
	case c.Merge && c.Inputs == Independent:
		return errors.New("inputs that are merged by time cannot be independent")
	case c.MaxFlows < 0 || c.MaxFlows > 0 && c.MaxFlows < MinFlows:
		return fmt.Errorf("open flows must be limited to at least %d, not %d", MinFlows, c.MaxFlows)
	case c.Packets < 0:
		return fmt.Errorf("packets must not be negative, but is %d", c.Packets)
	}
	if err := errors.Join(c.Filter.validate(), c.Fragments.Validate()); err != nil {
		return err
	}
	if err := c.Duplicates.validate(); err != nil {
		return err
	}
	if _, err := record.Select(c.Records); err != nil {
		return err
	}
	if _, err := window.Select(c.Windows); err != nil {
		return err
	}
	if err := window.ValidateTick(c.Tick); err != nil {
		return err
	}
	if _, err := host.NewGrids(c.Window, c.Hop); err != nil {
		return err
	}
	if err := c.Streams.Validate(); err != nil {
		return err
	}
	return c.Timeouts.validate()
}

// maxTimeout keeps sums of clock and timeout far from overflow.
const maxTimeout = 10 * 365 * 24 * time.Hour

func (t *Timeouts) validate() error {
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"TCP idle", t.TCPIdle, 1}, {"TCP closed", t.TCPClosed, 0}, {"UDP idle", t.UDPIdle, 1},
		{"other idle", t.OtherIdle, 1}, {"active", t.Active, 0},
	} {
		if d.value < d.least || d.value > maxTimeout {
			return fmt.Errorf("%s timeout must be %v to %v, not %v", d.name, d.least, maxTimeout, d.value)
		}
	}
	return nil
}

// zeekTimers are the delays that --timers zeek applies.
var zeekTimers = connstate.ZeekTimers()
