package tls

import "encoding/binary"

// The extensions that are read (IANA TLS ExtensionType Values).
const (
	extServerName          = 0
	extStatusRequest       = 5
	extSupportedGroups     = 10
	extPointFormats        = 11
	extSignatureAlgorithms = 13
	extALPN                = 16
	extSCT                 = 18
	extExtendedMaster      = 23
	extSessionTicket       = 35
	extPreSharedKey        = 41
	extEarlyData           = 42
	extSupportedVersions   = 43
	extCookie              = 44
	extKeyShare            = 51
	extQUICParameters      = 57
	extNextProtocols       = 13172 // draft-agl-tls-nextprotoneg
	extECH                 = 0xfe0d
	extQUICParametersDraft = 0xffa5 // QUIC drafts up to 32
	extRenegotiation       = 0xff01
)

// GREASE reports a value that is reserved to be ignored (RFC 8701).
func GREASE(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

// extensions reads the list at the end of a hello, if there is one: the types go to
// types, the data to each, which reports whether they are of their form. An extension
// that comes again is listed and not read (RFC 8446 §4.2 allows each once). What fits
// is read even where the list is cut or an extension malformed.
func extensions(c *cursor, types []uint16, each func(typ uint16, data []byte) bool) ([]uint16, *Error) {
	if c.left() == 0 {
		return types, nil
	}
	n := int(c.u16())
	if c.short {
		return types, &Error{Reason: Cut, Offset: c.at}
	}
	const header = 4
	list, at := c.b[:min(len(c.b), c.at+n)], c.at
	var seen seenTypes
	var failed *Error
	for at < len(list) {
		rest := list[at:]
		if len(rest) < header {
			return types, &Error{Reason: Cut, Offset: at}
		}
		typ, end := binary.BigEndian.Uint16(rest), header+int(binary.BigEndian.Uint16(rest[2:]))
		if end > len(rest) {
			return types, &Error{Reason: Cut, Offset: at}
		}
		types = append(types, typ)
		if seen.add(typ) && !each(typ, rest[header:end:end]) && failed == nil {
			failed = &Error{Reason: Extension, Offset: at, Number: int(typ)}
		}
		at += end
	}
	switch {
	case c.left() < n:
		return types, &Error{Reason: Cut, Offset: c.at}
	case failed != nil:
		return types, failed
	case c.left() > n:
		return types, &Error{Reason: Trailing, Offset: at}
	}
	return types, nil
}

// seenTypes notes the extensions that are read: those below 64, and the few above.
type seenTypes struct{ low, high uint64 }

// add reports whether the type has not been there before; of a type that is not read
// it says so each time.
func (s *seenTypes) add(typ uint16) bool {
	if typ < 64 {
		return note(&s.low, 1<<typ)
	}
	switch typ {
	case extNextProtocols:
		return note(&s.high, 1)
	case extECH:
		return note(&s.high, 2)
	case extQUICParametersDraft:
		return note(&s.high, 4)
	case extRenegotiation:
		return note(&s.high, 8)
	}
	return true
}

// note sets a bit, and reports whether it was not set.
func note(set *uint64, bit uint64) bool {
	was := *set&bit != 0
	*set |= bit
	return !was
}
