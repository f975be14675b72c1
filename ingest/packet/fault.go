package packet

// Fault says what is wrong with a packet that no flow has, or with a layer of one.
type Fault uint8

// The faults. Those of fragments are of a fragment by itself or, from FaultExpired on,
// of the datagram that it is a part of.
const (
	FaultNone       Fault = iota
	FaultShort            // the frame or datagram ends inside the header
	FaultCut              // the capture does, which has not the whole frame
	FaultLinkHeader       // a link-layer header contradicts itself
	FaultTunnel           // the same of a tunnel header
	FaultNesting          // more tags, labels or headers in a row than are followed
	FaultVersion          // the IP version is neither 4 nor 6, or not the one announced
	FaultHeaderSize       // the header's own length field says less than its fixed part has
	FaultTotal            // the IP length is less than the headers have
	FaultUDPLength        // the UDP length is less than the header has
	FaultLinkType         // the link type, or what a tunnel carries, is not known here
	FaultInterface        // the interface cannot be used: Interface.Note
	FaultDepth            // more tunnels in tunnels than are looked into
	FaultLength           // fragment without data, or not the last and no multiple of eight bytes (RFC 791, RFC 8200)
	FaultTooLong          // fragment that reaches beyond 65,535 bytes (the ping of death)
	FaultNested           // a second fragment header behind the first
	FaultLinkPiece        // of a packet in several frames not the first
	FaultExpired          // the others did not come in time
	FaultEvicted          // given up for the limits on fragments
	FaultUnfinished       // the input ended before the others came
	FaultOverlap          // an overlap made the IPv6 datagram void (RFC 5722)
	NumFaults
)

// faultNames are the words of the errors table.
var faultNames = [NumFaults]string{
	"", "short_header", "cut_header", "link_header", "tunnel_header", "too_many_headers", "ip_version", "header_length", "total_length",
	"udp_length", "unknown_type", "unusable_interface", "tunnel_depth", "fragment_length", "fragment_too_long", "fragment_nested",
	"link_fragment", "fragments_expired", "fragments_evicted", "fragments_unfinished", "fragments_overlap",
}

// String returns the fault's word.
func (f Fault) String() string {
	if f < NumFaults {
		return faultNames[f]
	}
	return "invalid_fault"
}

// Fault returns what is wrong with a layer for which Walk or Inner gave a malformed
// outcome, and the offset from v.Offset of the header that is.
func (v *View) Fault() (f Fault, at uint32) { return Fault(v.ICMPType), v.PayloadLen }

// IsARP reports whether a frame for which Walk gave NonIP has EtherType ARP (RFC 826),
// behind all tags.
func (v *View) IsARP() bool { return v.TagType == etherARP }

// fail notes in a View, which is of no other use then, why the walk ends, and returns
// the outcome.
func (v *View) fail(out Outcome, f Fault, at int) Outcome {
	v.ICMPType, v.PayloadLen = uint8(f), uint32(at)
	return out
}

// short is the hop of a link-layer header at an offset that the frame ends inside.
func (v *View) short(at int) hop { return stop(v.fail(MalformedL2, FaultShort, at)) }

// wrong is the hop of one that contradicts itself.
func (v *View) wrong(at int) hop { return stop(v.fail(MalformedL2, FaultLinkHeader, at)) }

// beyond is the hop of one that says to end behind the frame, at an offset: the capture may have cut it,
// else it contradicts itself.
func (v *View) beyond(at int, end uint64) hop {
	if end <= uint64(v.WireLen) {
		return v.short(at)
	}
	return v.wrong(at)
}

// badVersion is the outcome of an IP header that is shorter than its fixed part or of
// another version than announced.
func (v *View) badVersion(h []byte, version byte, fixed int) Outcome {
	return v.fail(MalformedL3, shortOr(len(h) == 0 || h[0]>>4 == version && len(h) < fixed, FaultVersion), int(v.L3))
}

// shortOr is FaultShort where that is so, else f.
func shortOr(short bool, f Fault) Fault {
	if short {
		return FaultShort
	}
	return f
}
