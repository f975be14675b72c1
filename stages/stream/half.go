package stream

// Dir is a direction of a flow.
type Dir uint8

// The directions. Which is which is the flow's matter.
const (
	Forward Dir = iota
	Backward
)

// Consumer takes the streams of a flow, in order within a direction. It keeps no
// data beyond the call and does not call the Stream.
type Consumer interface {
	// Deliver brings the next bytes, which lie in the segment or in the Pool.
	Deliver(dir Dir, data []byte)
	// Gap says that the next n bytes are missing for good.
	Gap(dir Dir, n int64)
	// Restart says that another connection begins in the same flow, in both directions.
	Restart()
}

// Stats count what happened to a direction, over all connections of its flow.
type Stats struct {
	Delivered     int64 // bytes
	GapBytes      int64
	HeldBytes     int64  // copied because they came out of order
	OverlapBytes  int64  // came again: alike, or for a place delivered or given up
	ConflictBytes int64  // came again for a place held, and differ
	Held          uint32 // segments of which bytes were copied
	Gaps          uint32
	Limited       uint32 // holes given up for lack of room; none for a start found so
	Outside       uint32 // segments with data or FIN at places before the start or behind the end
	KeepAlives    uint32 // with a byte
	RSTsIgnored   uint32
	SYNsIgnored   uint32
	StartKnown    bool // by a SYN of either side
}

// state of a direction.
type state uint8

const (
	idle    state = iota // nothing seen that has a place
	holding              // mid-stream: data is held until the start is decided
	open
	done // limit, end or Stop: nothing is delivered any more
)

// reorderBound is the number of segments with data after which a start seen
// mid-stream is believed: TCP's own threshold of reordering (RFC 5681 §3.2).
const reorderBound = 3

// half is one direction. Places count from its start, or from Buffer/2 before the
// first segment where the start was not seen.
type half struct {
	pos    int64 // next to deliver
	high   int64 // behind the last byte seen
	acked  int64 // what the other side has acknowledged; origin at first
	first  int64 // held; none if there is nothing
	origin int64 // of the first byte
	fin    int64 // of the FIN; none
	limit  int64 // nothing from here on is looked at
	next   uint32
	state  state
	seen   uint8 // segments with data while holding
	ended  bool  // by FIN or RST
	rivals bool  // rival is set

	Stats        // what lies before is one line of cache: every segment needs it
	ring  *ring  // of what is held; nil if nothing is
	start uint32 // sequence number of origin
	rival uint32 // start that an ignored SYN asked for
}

// place returns the place of a sequence number, by its distance from pos.
func (h *half) place(seq uint32) int64 { return h.pos + int64(int32(seq-h.next)) }

// begin starts the direction at a sequence number.
func (h *half) begin(seq uint32, cfg *Config) {
	h.state, h.start, h.next = open, seq, seq
	h.limit, h.first, h.fin = cfg.Bytes, none, none
	h.StartKnown = true
}

// hold starts the direction mid-stream.
func (h *half) hold(seq uint32, cfg *Config) {
	lead := cfg.Buffer / 2
	h.state, h.next = holding, seq-uint32(lead)
	h.limit, h.first, h.fin = none, none, none
	h.high = lead
}

// settle ends holding: the start is at a place that is held, or where nothing is.
func (h *half) settle(at int64, cfg *Config) {
	h.state, h.origin, h.acked = open, at, at
	h.limit = at + min(cfg.Bytes, none-at)
	h.next += uint32(at - h.pos)
	h.pos, h.start, h.high = at, h.next, max(h.high, at)
}

// forward moves on, over bytes delivered or missing.
func (h *half) forward(n int64) {
	h.pos += n
	h.next += uint32(n)
}
