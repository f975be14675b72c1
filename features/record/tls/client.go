package tls

import "slices"

// ECH is what a hello says of Encrypted Client Hello (RFC 9849).
type ECH uint8

// The kinds: an outer hello carries the encrypted one, and its server name is that of
// the provider; an inner one is only seen decrypted.
const (
	ECHNone ECH = iota
	ECHOuter
	ECHInner
)

var echNames = [...]string{"none", "outer", "inner"}

// String returns the kind's name.
func (e ECH) String() string { return echNames[e] }

// ClientHello is a parsed hello of a client. Parse reuses its memory; byte slices are
// parts of what it was given.
type ClientHello struct {
	SSLv2               bool   // in the format of SSL 2.0: without extensions and fingerprints
	Version             uint16 // of the message's own field: 0x0303 in TLS 1.2 and 1.3
	Random              []byte
	SessionID           []byte
	CipherSuites        []uint16 // with GREASE; of SSL 2.0 those that TLS has too
	SSLv2Ciphers        []byte   // cipher kinds of three bytes, as they are
	CompressionMethods  []byte
	Extensions          []uint16 // types in their order, with GREASE
	ServerName          []byte   // as it is written; of an outer hello the outer name
	ALPN                [][]byte
	SupportedVersions   []uint16 // with GREASE
	SignatureAlgorithms []uint16
	Groups              []uint16 // with GREASE
	PointFormats        []byte
	KeyShareGroups      []uint16
	NextProtocols       bool // offers NPN
	OCSPStapling        bool
	SCT                 bool
	ExtendedMaster      bool
	SessionTicket       bool   // knows tickets
	Ticket              []byte // that it resumes with, before TLS 1.3
	PSKIdentities       int    // offered pre-shared keys
	EarlyData           bool
	Cookie              []byte
	SecureRenegotiation bool // by the extension, or the cipher suite in its place
	ECH                 ECH
	QUICParameters      []byte // transport parameters (RFC 9001 §8.2)

	scratch []uint16 // of a fingerprint
	text    []byte
}

// Parse reads the body of a client_hello message. On an error, a *Error, what fits is
// there.
func (h *ClientHello) Parse(body []byte) error {
	h.reset()
	c := cursor{b: body}
	h.Version = c.u16()
	h.Random = c.take(32)
	h.SessionID = c.vector8()
	at := c.at
	even := true
	h.CipherSuites, even = appendU16s(h.CipherSuites, c.vector16())
	h.CompressionMethods = c.vector8()
	h.SecureRenegotiation = slices.Contains(h.CipherSuites, renegotiationSuite)
	if c.short {
		return &Error{Reason: Cut, Offset: c.at}
	}
	var failed *Error
	h.Extensions, failed = extensions(&c, h.Extensions, h.extension)
	switch {
	case failed != nil:
		return failed
	case !even:
		return &Error{Reason: List, Offset: at}
	}
	return nil
}

// renegotiationSuite says what an empty renegotiation_info does (RFC 5746 §3.3).
const renegotiationSuite = 0x00ff

func (h *ClientHello) reset() {
	*h = ClientHello{
		CipherSuites: h.CipherSuites[:0], Extensions: h.Extensions[:0], ALPN: h.ALPN[:0],
		SupportedVersions: h.SupportedVersions[:0], SignatureAlgorithms: h.SignatureAlgorithms[:0],
		Groups: h.Groups[:0], KeyShareGroups: h.KeyShareGroups[:0], scratch: h.scratch[:0], text: h.text[:0],
	}
}

// extension reads the data of one extension; false where they are not of its form.
func (h *ClientHello) extension(typ uint16, data []byte) (ok bool) {
	c := cursor{b: data}
	switch typ {
	case extServerName:
		return h.serverName(&c)
	case extStatusRequest:
		h.OCSPStapling = true
	case extSupportedGroups:
		h.Groups, ok = numbers16(h.Groups, data)
		return ok
	case extPointFormats:
		h.PointFormats = c.vector8()
		return c.whole()
	case extSignatureAlgorithms:
		h.SignatureAlgorithms, ok = numbers16(h.SignatureAlgorithms, data)
		return ok
	case extALPN:
		h.ALPN, ok = names16(h.ALPN, data)
		return ok
	case extSCT:
		h.SCT = true
	case extExtendedMaster:
		h.ExtendedMaster = true
	case extSessionTicket:
		h.SessionTicket, h.Ticket = true, data
	case extPreSharedKey:
		return h.preSharedKeys(&c)
	case extEarlyData:
		h.EarlyData = true
	case extSupportedVersions:
		h.SupportedVersions, ok = numbers8(h.SupportedVersions, data)
		return ok
	case extCookie:
		h.Cookie = c.vector16()
		return c.whole()
	case extKeyShare:
		return h.keyShares(&c)
	case extQUICParameters, extQUICParametersDraft:
		h.QUICParameters = data
	case extNextProtocols:
		h.NextProtocols = true
	case extRenegotiation:
		h.SecureRenegotiation = true
	case extECH:
		return h.encrypted(&c)
	}
	return true
}

// serverName takes the first host name of the list (RFC 6066 §3).
func (h *ClientHello) serverName(c *cursor) bool {
	const hostName = 0
	list := cursor{b: c.vector16()}
	for list.left() > 0 && !list.short {
		kind, name := list.u8(), list.vector16()
		if kind == hostName && h.ServerName == nil {
			h.ServerName = name
		}
	}
	return c.whole() && list.whole()
}

// preSharedKeys counts the identities (RFC 8446 §4.2.11).
func (h *ClientHello) preSharedKeys(c *cursor) bool {
	list := cursor{b: c.vector16()}
	for list.left() > 0 {
		list.vector16()
		if list.take(4); list.short {
			return false
		}
		h.PSKIdentities++
	}
	return !c.short && h.PSKIdentities > 0
}

func (h *ClientHello) keyShares(c *cursor) bool {
	list := cursor{b: c.vector16()}
	for list.left() > 0 {
		group := list.u16()
		if list.vector16(); list.short {
			return false
		}
		h.KeyShareGroups = append(h.KeyShareGroups, group)
	}
	return c.whole()
}

func (h *ClientHello) encrypted(c *cursor) bool {
	switch kind := c.u8(); {
	case c.short || kind > 1:
		return false
	case kind == 1:
		h.ECH = ECHInner
	default:
		h.ECH = ECHOuter
	}
	return true
}

// Has reports whether an extension is there.
func (h *ClientHello) Has(extension uint16) bool { return has(h.Extensions, extension) }

// MaxVersion returns the highest version that the client offers; GREASE is none.
func (h *ClientHello) MaxVersion() uint16 {
	if !h.Has(extSupportedVersions) {
		return h.Version
	}
	highest := uint16(0)
	for _, v := range h.SupportedVersions {
		if !GREASE(v) {
			highest = max(highest, v)
		}
	}
	return highest
}
