package manifest

// SchemaVersion is the version of both documents. It rises with each change that
// a reader could notice; Read refuses any other.
const SchemaVersion = 2

// File names inside an output folder.
const (
	Name          = "manifest.json"
	ExecutionName = "execution.json"
)

// Manifest is manifest.json.
type Manifest struct {
	SchemaVersion int               `json:"schema_version"`
	SelfSHA256    string            `json:"manifest_sha256"` // set by Encode
	Kind          string            `json:"kind,omitempty"`  // of what was made of tables, such as labels; empty: a run's, over captures
	RunID         string            `json:"run_id"`          // empty where an input was not hashed
	PlanID        string            `json:"plan_id"`
	Tool          Tool              `json:"tool"`
	Options       map[string]string `json:"options"`         // those that change rows, after defaults
	Again         []string          `json:"again,omitempty"` // the command that makes the same of the same inputs: run --active=30m0s …
	Limits        map[string]int64  `json:"limits,omitempty"`
	Inputs        []Input           `json:"inputs"`
	Sources       []Source          `json:"sources,omitempty"` // instead of inputs, where Kind says so
	Accounting    Accounting        `json:"accounting"`
	Streams       map[string]int64  `json:"tcp_streams,omitempty"` // what records were read from, summed
	SavedStreams  *SavedStreams     `json:"saved_streams,omitempty"`
	Tables        []Table           `json:"tables"`
	Files         []File            `json:"files,omitempty"`    // what is no table: errors.pcapng, …
	Captures      []Capture         `json:"captures,omitempty"` // of these, the capture files
	Errors        []ErrorCount      `json:"errors,omitempty"`   // what is wrong with packets, summed up
	SelfChecks    []SelfCheck       `json:"self_checks"`
	NotProcessed  []NotProcessed    `json:"not_processed"`
	Notes         []string          `json:"notes,omitempty"`
	Live          *Live             `json:"live,omitempty"` // of a folder of live tables, whose ledger lists inputs and parts
}

// Live says up to which record of its ledger the manifest of a folder of live tables sums up.
type Live struct {
	Ledger   string `json:"ledger"`      // name of the file
	Records  int64  `json:"records"`     // of it, that are summed up
	Head     string `json:"head_sha256"` // of the last of them
	Segments int64  `json:"segments"`    // committed
	Through  int64  `json:"through"`     // number of the last of them
	Sessions int64  `json:"sessions"`    // begun
	Open     bool   `json:"open"`        // the last has not ended
}

// Source is a folder of tables, or a file, that other tables were made of.
type Source struct {
	Role    string `json:"role"`               // what it was to them, such as tables or labels
	Path    string `json:"path"`               // see EncodePath
	PathHex string `json:"path_hex,omitempty"` // raw bytes, where Path is not them
	SHA256  string `json:"sha256"`             // of the bytes; of a folder those of its manifest
	Bytes   int64  `json:"bytes"`              // of the file; of a folder those of its manifest
	Format  string `json:"format"`             // of a file, such as suricata_eve; of a folder its manifest's Kind, or run
}

// SetPath stores a path losslessly.
func (s *Source) SetPath(path string) { s.Path, s.PathHex = EncodePath(path) }

// SavedStreams is what --save-streams wrote to its folder.
type SavedStreams struct {
	Files      int64  `json:"files"`
	Bytes      int64  `json:"bytes"`
	SumsSHA256 string `json:"sha256sums_sha256"` // of the list of the files' hashes
}

// Input is one capture, in processing order.
type Input struct {
	Path       string      `json:"path"`               // see EncodePath
	PathHex    string      `json:"path_hex,omitempty"` // raw bytes, where Path is not them
	SHA256     string      `json:"sha256"`             // of the stored bytes; empty with --input-hash none
	Bytes      int64       `json:"bytes"`              // stored size
	Format     string      `json:"format"`             // pcap, pcapng, pcap+gzip, …
	Outcome    string      `json:"outcome"`            // one of Outcomes
	Reason     string      `json:"reason,omitempty"`
	Offset     int64       `json:"offset,omitempty"` // of what Reason names, in bytes of the decompressed stream
	Packets    int64       `json:"packets"`
	FirstNs    *int64      `json:"first_ns"` // null without a packet that has a time
	LastNs     *int64      `json:"last_ns"`
	Covered    *Covered    `json:"covered,omitempty"`           // null: from the first packet to the last
	Backward   int64       `json:"backward_packets,omitempty"`  // packets earlier than one before them
	Reordered  int64       `json:"reordered_packets,omitempty"` // of these, those put before a packet read earlier
	Late       int64       `json:"late_packets,omitempty"`      // packets behind the packet clock when their turn came
	ClockSteps int64       `json:"clock_steps_back,omitempty"`  // times that the capturing clock was set back
	Duplicates int64       `json:"marked_duplicates,omitempty"` // with --duplicates mark
	Sections   []Section   `json:"sections,omitempty"`          // pcapng sections that say something of themselves
	Interfaces []Interface `json:"interfaces"`
	Comments   int64       `json:"packet_comments,omitempty"`
	Names      int64       `json:"names,omitempty"`       // that the capture claims for addresses: see names.jsonl
	Lost       []Range     `json:"lost,omitempty"`        // with --salvage, the first of them
	LostRanges int64       `json:"lost_ranges,omitempty"` // all of them
	Accounting *Accounting `json:"accounting,omitempty"`
	Inner      Counts      `json:"inner,omitempty"` // layers in tunnels by what became of them
	Notes      []string    `json:"notes,omitempty"`
}

// Covered is the time that a live segment is of, ns since 1970: on an idle link, capture says how far
// time has come without a packet.
type Covered struct {
	FromNs int64 `json:"from_ns"`
	ToNs   int64 `json:"to_ns"`
}

// Covers returns the stretch of packet time that the input is of; false where it has none.
func (in *Input) Covers() (first, last int64, known bool) {
	switch {
	case in.Covered != nil:
		return in.Covered.FromNs, in.Covered.ToNs, true
	case in.FirstNs == nil || in.LastNs == nil:
		return 0, 0, false
	}
	return *in.FirstNs, *in.LastNs, true
}

// The outcomes of an input.
const (
	Complete          = "complete"
	CompleteWithNotes = "complete_with_notes"
	Partial           = "partial"
	Rejected          = "rejected"
	Limit             = "limit"
)

// Outcomes returns every outcome that an input can have.
func Outcomes() []string { return []string{Complete, CompleteWithNotes, Partial, Rejected, Limit} }

// Range is a stretch of the decompressed stream that could not be read.
type Range struct {
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	Reason string `json:"reason"` // what was wrong at its start
}

// Section is a section of a pcapng file. Texts come from the file and are escaped.
type Section struct {
	Index       int      `json:"index"`
	Hardware    string   `json:"hardware,omitempty"`
	OS          string   `json:"os,omitempty"`
	Application string   `json:"application,omitempty"`
	Comments    []string `json:"comments,omitempty"`
}

// Interface is one interface of a capture. Texts come from the file and are escaped.
type Interface struct {
	Index        int      `json:"index"`             // within the file, over all its sections
	Section      int      `json:"section,omitempty"` // pcapng section, from 0
	Name         string   `json:"name,omitempty"`    // escaped: it comes from the file
	LinkType     int      `json:"link_type"`
	LinkTypeName string   `json:"link_type_name,omitempty"`
	Snaplen      int64    `json:"snaplen"`        // bytes; 0: no limit stated
	Tick         string   `json:"tick,omitempty"` // time resolution, as "1/1000000" s
	Packets      int64    `json:"packets"`
	Description  string   `json:"description,omitempty"`
	Filter       string   `json:"filter,omitempty"` // capture filter
	Hardware     string   `json:"hardware,omitempty"`
	OS           string   `json:"os,omitempty"`
	Comments     []string `json:"comments,omitempty"`
	Received     *int64   `json:"claimed_received,omitempty"` // interface statistics, as the file claims them last
	Dropped      *int64   `json:"claimed_dropped,omitempty"`
	OSDropped    *int64   `json:"claimed_os_dropped,omitempty"`
	Accepted     *int64   `json:"claimed_filter_accepted,omitempty"`
	Delivered    *int64   `json:"claimed_delivered,omitempty"`
	Unsupported  bool     `json:"unsupported,omitempty"` // its packets count as unsupported_link or other_link
}

// Table is one table: a folder of parts, or a table of a database.
type Table struct {
	Name         string `json:"name"`
	Rows         int64  `json:"rows"`
	SchemaSHA256 string `json:"schema_sha256"`
	PlanID       string `json:"plan_id,omitempty"` // in the footers of its parts, as they were copied; empty: the manifest's
	File         string `json:"file,omitempty"`    // of Files, that has the rows instead of parts
	Parts        []Part `json:"parts"`
}

// Part is one file of a table. Path is relative to the output folder, with slashes.
type Part struct {
	Path   string `json:"path"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// File is a published file that is no part of a table.
type File struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Capture says what a capture file holds. It is one of Manifest.Files.
type Capture struct {
	Path              string `json:"path"`
	Packets           int64  `json:"packets"`
	CapturedBytes     int64  `json:"captured_bytes"`
	WireBytes         int64  `json:"wire_bytes"`
	Interfaces        int64  `json:"interfaces"`
	LimitBytes        int64  `json:"limit_bytes,omitempty"`        // that the file may have; 0: any
	LeftOutPackets    int64  `json:"left_out_packets"`             // for the limit
	LeftOutBytes      int64  `json:"left_out_bytes"`               // captured
	UnwritablePackets int64  `json:"unwritable_packets,omitempty"` // that pcapng cannot say: a time before 1970, a link type of more than 16 bits
}

// ErrorCount is how many packets, layers in tunnels or messages have the same wrong
// with them: rows of the errors table, where it was written.
type ErrorCount struct {
	Layer   string `json:"layer"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	Inner   bool   `json:"in_tunnels,omitempty"`
	N       int64  `json:"count"`
}

// SelfCheck is an equation that was checked at the end of the run.
type SelfCheck struct {
	Name string `json:"name"`
	Want int64  `json:"want"`
	Got  int64  `json:"got"`
	OK   bool   `json:"ok"`
}

// NotProcessed says what was left out, and how much of it.
type NotProcessed struct {
	What   string `json:"what"` // file, block type, packet class; escaped
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// InputHashes returns the inputs' SHA-256 in order, for RunID and for comparing
// with the hashes of the inputs at hand.
func (m *Manifest) InputHashes() []string {
	out := make([]string, len(m.Inputs))
	for i := range m.Inputs {
		out[i] = m.Inputs[i].SHA256
	}
	return out
}
