package capfile

import (
	"fmt"
)

// Reason is the machine-readable cause of an error, as it stands in manifests.
type Reason string

// The reasons.
const (
	ReasonEmpty              Reason = "empty"               // no bytes at all
	ReasonUnknownMagic       Reason = "unknown_magic"       // no capture format known here
	ReasonText               Reason = "text"                // printable text
	ReasonLFSPointer         Reason = "git_lfs_pointer"     // the file is a pointer, the capture was not fetched
	ReasonCompressed         Reason = "compressed"          // compressed data where a capture was expected
	ReasonUnsupportedVariant Reason = "unsupported_variant" // a capture, but of another format
	ReasonCutHeader          Reason = "truncated_header"    // ends inside the file header
	ReasonTruncated          Reason = "truncated"           // ends inside a record or block
	ReasonPacketTooLong      Reason = "packet_too_long"     // captured length above the limit
	ReasonBadBlock           Reason = "bad_block"           // a pcapng block whose frame is broken
	ReasonBadPacket          Reason = "bad_packet"          // a pcapng packet block with unusable content
	ReasonZeroFilled         Reason = "zero_filled"         // nothing but zeros where a record header was expected; with salvage only
	ReasonReadFailed         Reason = "read_failed"         // the source failed; Err says how
	ReasonInterfaceLimit     Reason = "interface_limit"     // more interfaces than allowed
)

// FormatError says why the input is not a capture that can be read.
type FormatError struct {
	Reason Reason
	Offset int64 // of the offending bytes, from the start of the (decompressed) stream
	Detail string
	Err    error // failure of the source, where that is the cause
}

// Error returns reason, offset and detail in one line.
func (e *FormatError) Error() string {
	return describe("not a readable capture", e.Reason, e.Offset, e.Detail, e.Err)
}

// Unwrap returns the failure of the source, if any.
func (e *FormatError) Unwrap() error { return e.Err }

// DamageError says where a capture stops being readable. Every whole packet
// before Offset has been delivered, and with ReasonBadPacket every sound one
// after it too.
type DamageError struct {
	Reason Reason
	Offset int64 // of the damaged record or block, from the start of the (decompressed) stream
	Detail string
	Err    error // failure of the source, where that is the cause
}

// Error returns reason, offset and detail in one line.
func (e *DamageError) Error() string {
	return describe("capture damaged", e.Reason, e.Offset, e.Detail, e.Err)
}

// Unwrap returns the failure of the source, if any.
func (e *DamageError) Unwrap() error { return e.Err }

// LimitError says that reading stopped at a limit of Config.
type LimitError struct {
	Reason Reason
	Offset int64 // of the block that went over the limit
	Limit  int64
}

// Error returns reason, offset and limit in one line.
func (e *LimitError) Error() string {
	return fmt.Sprintf("capture over limit: %s at offset %d: limit %d", e.Reason, e.Offset, e.Limit)
}

func describe(what string, reason Reason, offset int64, detail string, err error) string {
	s := fmt.Sprintf("%s: %s at offset %d", what, reason, offset)
	if detail != "" {
		s += ": " + detail
	}
	if err != nil {
		s += ": " + err.Error()
	}
	return s
}
