package ssh

import "bytes"

// Side reads one direction up to its key exchange. The zero value is at its beginning.
type Side struct {
	Banner []byte // without its line end; nil before it has come
	Lines  int    // before it

	packets int
}

// Found is what a Step has come to.
type Found uint8

// What there is to find.
const (
	Nothing      Found = iota
	ABanner            // in Side.Banner
	AKeyExchange       // in Step.Payload
)

// Step is what Next has done.
type Step struct {
	Found   Found
	Payload []byte // of a key exchange
	Used    int    // bytes, more than there are where the following ones are to be skipped
	Need    int    // where none were used: bytes before it can be called again; 0 is any more
}

// Next reads one line or packet. On the error of a banner that is too long, it is there
// as far as it may be.
func (s *Side) Next(b []byte) (Step, error) {
	if s.Banner == nil {
		return s.line(b)
	}
	return s.packet(b)
}

// line reads the banner or a line before it.
func (s *Side) line(b []byte) (Step, error) {
	line, n := cutLine(b)
	isBanner := bytes.HasPrefix(b, prefix)
	switch {
	case isBanner && (n > maxBanner || n == 0 && len(b) >= maxBanner):
		s.Banner = bytes.Clone(b[:maxBanner])
		return Step{Found: ABanner, Used: maxBanner}, &Error{LongBanner}
	case n == 0 && len(b) >= maxLine:
		return Step{}, &Error{LongLine}
	case n == 0:
		return Step{}, nil
	case isBanner:
		s.Banner = bytes.Clone(line)
		return Step{Found: ABanner, Used: n}, nil
	case s.Lines == maxLines:
		return Step{}, &Error{NoBanner}
	}
	s.Lines++
	return Step{Used: n}, nil
}

// maxPackets is how many packets may come before the key exchange.
const maxPackets = 16

// packet reads a packet. Those that may come at any time are passed over.
func (s *Side) packet(b []byte) (Step, error) {
	if len(b) < packetHead {
		return Step{Need: packetHead}, nil
	}
	p, ok := packetOf(b)
	switch {
	case !ok:
		return Step{}, &Error{Length}
	case p.kind == msgKexInit && p.payload == nil:
		return Step{Need: p.length}, nil
	case p.kind == msgKexInit:
		return Step{Found: AKeyExchange, Payload: p.payload, Used: p.length}, nil
	case !anytime(p.kind) || s.packets == maxPackets:
		return Step{}, &Error{Order}
	}
	s.packets++
	return Step{Used: p.length}, nil
}

// anytime reports the packets that may come before the key exchange: disconnect, ignore,
// unimplemented, debug, and extensions.
func anytime(kind uint8) bool {
	return kind >= msgDisconnect && kind <= msgDebug || kind == msgExtInfo
}
