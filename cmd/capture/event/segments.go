package event

import (
	"fmt"
	"strconv"
	"strings"

	"pcapmill/ingest/live"
	"pcapmill/outputs/manifest"
)

// LedgerName is the ledger's name.
const LedgerName = "ledger.jsonl"

// The events.
const (
	SessionEvent = "session"
	SegmentEvent = "segment"
	GapEvent     = "gap"
	LostEvent    = "lost"
	DeleteEvent  = "delete"
	EndEvent     = "end"
)

// Session is the beginning of a capture.
type Session struct {
	ID        string        `json:"id"` // 16 random bytes, hex
	StartNs   int64         `json:"start_ns"`
	Host      string        `json:"host,omitempty"`
	Note      string        `json:"note,omitempty"` // of --session-note
	Interface live.Info     `json:"interface"`
	Options   Options       `json:"options"`
	Tool      manifest.Tool `json:"tool"`
}

// Options are those that are not of the interface.
type Options struct {
	Rotate string `json:"rotate,omitempty"`
	Retain string `json:"retain,omitempty"`
	Zstd   bool   `json:"zstd,omitempty"`
}

// Reason says why a segment ended.
type Reason string

// The reasons.
const (
	ByTime    Reason = "time"
	BySize    Reason = "size"
	ByPackets Reason = "packets"
	BySignal  Reason = "signal"    // SIGUSR1
	ByEnd     Reason = "end"       // of the session
	Recovered Reason = "recovered" // by the session after the one that was killed while writing it
)

// Segment is a capture file that is whole under its name.
type Segment struct {
	Number  int64  `json:"number"`
	Name    string `json:"name"`    // of the file, without a folder
	Session string `json:"session"` // ID of the one that wrote it
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`

	Packets       int64  `json:"packets"`
	CapturedBytes int64  `json:"captured_bytes"`
	WireBytes     int64  `json:"wire_bytes"`
	FirstNs       *int64 `json:"first_ns"` // earliest packet time; null without packets
	LastNs        *int64 `json:"last_ns"`  // latest

	OpenedNs    int64  `json:"opened_ns"`    // wall clock; its UTC date is the partition of the tables
	ClosedNs    int64  `json:"closed_ns"`    // wall clock
	WatermarkNs *int64 `json:"watermark_ns"` // packet time has come that far; null in recovered ones without any

	// Since the segment before, so that sums over segments are the session's totals. They
	// are null where the process was killed before it had counted.
	KernelPackets  *int64 `json:"kernel_packets"` // passed the filter, dropped ones included
	KernelDrops    *int64 `json:"kernel_drops"`   // of them, lost for lack of room in the ring
	Freezes        *int64 `json:"freezes"`        // times that the ring was full
	InterfaceDrops *int64 `json:"interface_drops"`

	Reason     Reason `json:"reason"`
	PrevSHA256 string `json:"prev_sha256"` // of the segment before, "" for the first
}

// Gap is a stretch of time of which packets are missing, or in which a clock stepped.
type Gap struct {
	StartNs int64  `json:"start_ns"`
	EndNs   *int64 `json:"end_ns"` // null: not known
	Drops   *int64 `json:"drops"`  // packets lost; null: not known
	Why     Why    `json:"why"`
	Detail  string `json:"detail,omitempty"`
}

// Why is the cause of a gap.
type Why string

// The causes.
const (
	RingFull      Why = "ring_full"      // packets came faster than they were taken
	InterfaceDown Why = "interface_down" // or gone; nothing can be counted meanwhile
	Changed       Why = "changed"        // the interface: renamed, another MTU; nothing is lost
	DiskTrouble   Why = "disk"           // full, or failing
	ClockStep     Why = "clock"          // the wall clock was set; Detail says by how much; nothing is lost
	Killed        Why = "killed"         // a capture ended without its end record
	Stopped       Why = "stopped"        // no capture ran between two sessions
	Unread        Why = "unread"         // the capture ended with packets still in the ring
	Untimed       Why = "untimed"        // packets without a time that a segment can hold
)

// Lost is a number without a usable segment.
type Lost struct {
	Number int64  `json:"number"`
	Why    string `json:"why"`
}

// Delete is the removal of a segment's file.
type Delete struct {
	Number   int64  `json:"number"`
	Why      string `json:"why"`      // age, size, count, free
	Released bool   `json:"released"` // whether analysis, or the lack of one, allowed it
}

// End is the orderly end of a session.
type End struct {
	Session string `json:"session"`
	Why     string `json:"why"` // duration, signal, …
}

// Names of segment files.
const (
	namePrefix = "segment-"
	nameExt    = ".pcapng"
	zstdExt    = ".zst"
	tempExt    = ".tmp"
	nameDigits = 10
)

// SegmentName returns the name of a segment's file.
func SegmentName(number int64, zstd bool) string {
	name := fmt.Sprintf("%s%0*d%s", namePrefix, nameDigits, number, nameExt)
	if zstd {
		name += zstdExt
	}
	return name
}

// TemporaryName returns the name under which a segment's file is written.
func TemporaryName(number int64, zstd bool) string { return "." + SegmentName(number, zstd) + tempExt }

// ParseName reads a name that SegmentName or TemporaryName made.
func ParseName(name string) (number int64, zstd, temporary, ok bool) {
	rest, temporary := strings.CutPrefix(name, ".")
	if temporary {
		if rest, ok = strings.CutSuffix(rest, tempExt); !ok {
			return 0, false, false, false
		}
	}
	rest, zstd = strings.CutSuffix(rest, zstdExt)
	digits, isOne := strings.CutPrefix(strings.TrimSuffix(rest, nameExt), namePrefix)
	number, err := strconv.ParseInt(digits, 10, 64)
	if !isOne || err != nil || number < 1 || rest != SegmentName(number, false) {
		return 0, false, false, false
	}
	return number, zstd, temporary, true
}
