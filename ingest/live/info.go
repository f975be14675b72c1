package live

import (
	"time"

	"pcapmill/ingest/packet"
)

// Info is what is known of a capture and its interface, for manifests.
type Info struct {
	Interface string          `json:"interface"`
	Index     int             `json:"index"` // in the system; 0 for Any
	Link      packet.LinkType `json:"link_type"`
	Hardware  int             `json:"arphrd"` // ARPHRD_ number of the interface
	MAC       string          `json:"mac,omitempty"`
	MTU       int             `json:"mtu,omitempty"`
	Driver    string          `json:"driver,omitempty"`
	SpeedMbit int64           `json:"speed_mbit,omitempty"`
	SnapLen   int             `json:"snap_len"`

	Rings       int           `json:"rings"`
	BlockBytes  int           `json:"block_bytes"`
	Blocks      int           `json:"blocks"` // a ring
	Retire      time.Duration `json:"retire_ns"`
	Promiscuous bool          `json:"promiscuous"`

	Timestamps   string   `json:"timestamps"`              // software, hardware, or auto: Frame.Hardware says which
	Offloads     []string `json:"offloads,omitempty"`      // that are on and change the sizes of packets: gro, gso, lro, tso
	Filter       string   `json:"filter,omitempty"`        // as written; empty where it came as a program
	FilterSHA256 string   `json:"filter_sha256,omitempty"` // of the program as `tcpdump -ddd` prints it
	FilterIn     string   `json:"filter_in,omitempty"`     // kernel, or "user space: …" with the reason
	Notes        []string `json:"notes,omitempty"`         // what else a reader of the capture should know
}

// Stats are counts since Open. They go on over interfaces that went away and came back.
type Stats struct {
	Packets   int64 `json:"packets"`   // passed the kernel's filter: those below, Drops, and what waits in the rings
	Drops     int64 `json:"drops"`     // found no room in the ring
	Freezes   int64 `json:"freezes"`   // times that a ring was full
	Read      int64 `json:"read"`      // were in batches of Next
	Filtered  int64 `json:"filtered"`  // rejected by a filter that does not run in the kernel
	Malformed int64 `json:"malformed"` // could not be read from their block

	// The interface's own; 0 for Any.
	InterfacePackets int64 `json:"interface_packets"` // received
	InterfaceBytes   int64 `json:"interface_bytes"`
	InterfaceDropped int64 `json:"interface_dropped"` // rx_dropped: no memory, or no protocol that wanted them
	InterfaceMissed  int64 `json:"interface_missed"`  // rx_missed: the card had no room
}

// EventKind says what an Event is about.
type EventKind string

// The kinds of events.
const (
	EventDown      EventKind = "interface_down" // nothing was received between Start and End
	EventMTU       EventKind = "mtu"
	EventRenamed   EventKind = "renamed"
	EventClockStep EventKind = "clock_step" // the system's clock was set
)

// Event is something that happened to the interface, or the clock. Start and End are of the
// system's clock, and equal where it took no time.
type Event struct {
	Kind   EventKind    `json:"kind"`
	Start  packet.Nanos `json:"start_ns"`
	End    packet.Nanos `json:"end_ns"`
	Detail string       `json:"detail"`
}

// Interface is something that can be captured from, or why it cannot.
type Interface struct {
	Name      string
	Index     int // 0 for Any
	Link      packet.LinkType
	Hardware  int      // ARPHRD_ number
	Kind      string   // of virtual ones: veth, bridge, tun …
	Addresses []string // with the length of the network
	MAC       string
	MTU       int
	State     string // up, down, or RFC 2863's operational state
	Driver    string
	SpeedMbit int64 // 0: unknown

	RxPackets, RxBytes, RxDropped, RxMissed int64
	TxPackets, TxBytes, TxDropped           int64

	Offloads   []string // that change packet sizes and are on
	Timestamps []string // software, hardware
	WhyNot     string   // it cannot be captured; empty where it can
	Note       string   // what of its frames is not decoded
}
