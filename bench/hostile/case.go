package hostile

import "pcapmill/ingest/packet"

// Outcomes of an input, as manifest.json has them.
const (
	Complete = "complete"
	Notes    = "complete_with_notes"
	Partial  = "partial"
	Rejected = "rejected"
	Limit    = "limit"
)

// Want is what a run must make of a case.
type Want struct {
	Outcome string // one of the constants
	Reason  string // machine-readable; empty where the input is complete
	Packets int64
	By      [packet.NumOutcomes]int64 // packets by disposition; they add up to Packets
	Flows   int64                     // rows of the flows table; 0: not stated
	Loose   bool                      // where reading stops depends on buffers: packets are not stated
}

// Case is one hostile capture.
type Case struct {
	Name    string // unique, of letters, digits and underscores
	File    string // file name; empty: the name with an ending
	Changes string // part of the program, still in the making, that changes the Want
	Heavy   bool   // takes seconds
	Make    func() ([]byte, Want)
}

// FileName returns the name that the case's file is written under.
func (c *Case) FileName() string {
	if c.File != "" {
		return c.File
	}
	return c.Name + ".pcap"
}

// Class is a group of cases that attack the same part.
type Class struct {
	Name    string
	Threats string // rows of the threat model
	Doc     string // what is attacked, in a line
	Cases   []Case
}

// Classes returns all cases.
func Classes() []Class {
	return []Class{
		{"foreign", "T01", "files that are no captures, and captures of other formats", foreign()},
		{"cut", "T02", "ends where nothing may end, and bytes behind the end", cuts()},
		{"bombs", "T03", "lengths that promise more than the file has", bombs()},
		{"blocks", "T04", "pcapng blocks and options whose frames lie", blocks()},
		{"interfaces", "T05 T06", "too many interfaces, impossible clocks", interfaces()},
		{"mixed", "T07", "link types, byte orders and sections that change", mixed()},
		{"odd", "T08", "fields that contradict each other and are read all the same", odd()},
		{"compressed", "T09", "compressed streams: nested, cut, corrupt, exploding", compressed()},
		{"names", "T12", "file names made for terminals, shells and path builders", names()},
		{"times", "T13 T14 T15", "time that stands, jumps, goes back or is missing", times()},
		{"link", "T16", "link-layer headers, cut or contradictory", linkHeaders()},
		{"ip", "T16", "IP headers, cut or contradictory", ipHeaders()},
		{"transport", "T16", "transport headers, cut or contradictory", transportHeaders()},
		{"nesting", "T17", "headers in headers, up to the limit and over it", nesting()},
		{"tunnels", "T16 T17", "tunnels that loop, lie or end early", tunnels()},
		{"fragments", "T18", "fragments that overlap, contradict or never come", fragments()},
		{"sizes", "T19", "checksums and sizes of offloading and jumbo frames", sizes()},
		{"floods", "T21", "floods of flows, small enough for a test", floods()},
		{"collisions", "T22", "keys that fall together in a hash table", collisions()},
		{"streams", "T23", "TCP sequence numbers, windows and options against the reader", streams()},
		{"endless", "T24", "flows that never begin or never end", endless()},
		{"cardinality", "T25", "more different values than a dictionary wants", cardinality()},
		{"payloads", "T26 T27", "payloads for parsers: loops, bombs, quadratic work", payloads()},
		{"confusion", "T28", "one flow, several protocols", confusion()},
	}
}
