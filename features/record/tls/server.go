package tls

import "slices"

// ServerHello is a parsed hello of a server. Parse reuses its memory; byte slices are
// parts of what it was given.
type ServerHello struct {
	SSLv2                   bool   // in the format of SSL 2.0
	Version                 uint16 // of the message's own field: 0x0303 in TLS 1.2 and 1.3
	Random                  []byte
	SessionID               []byte
	Chosen                  bool // the two that follow are there
	CipherSuite             uint16
	CompressionMethod       uint8
	Extensions              []uint16 // types in their order
	ALPN                    []byte   // that it has chosen; nil without
	NextProtocolNegotiation bool
	NextProtocols           [][]byte // NPN, that it offers
	SelectedVersion         uint16   // 0 without the extension
	KeyShareGroup           uint16   // 0 without
	PSKSelected             bool
	PSKIdentity             uint16 // number of the chosen identity
	OCSPStapling            bool
	SessionTicket           bool
	ExtendedMaster          bool
	SecureRenegotiation     bool
	Renegotiation           []byte // data of the renegotiated connection; empty in the first handshake
	SCTs                    [][]byte
	Cookie                  []byte
	HelloRetry              bool // a request for another hello (RFC 8446 §4.1.4)

	text []byte
}

// retryRandom is the SHA-256 of "HelloRetryRequest".
const retryRandom = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" +
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

// Parse reads the body of a server_hello message. On an error, a *Error, what fits is there.
func (h *ServerHello) Parse(body []byte) error {
	h.reset()
	c := cursor{b: body}
	h.Version = c.u16()
	h.Random = c.take(32)
	h.HelloRetry = string(h.Random) == retryRandom
	draft := oldDraft(h.Version)
	if !draft {
		h.SessionID = c.vector8()
	}
	h.CipherSuite = c.u16()
	if !draft {
		h.CompressionMethod = c.u8()
	}
	h.Chosen = !c.short
	return h.end(&c)
}

// end reads the extensions, with which every hello ends.
func (h *ServerHello) end(c *cursor) error {
	if c.short {
		return &Error{Reason: Cut, Offset: c.at}
	}
	var failed *Error
	if h.Extensions, failed = extensions(c, h.Extensions, h.extension); failed != nil {
		return failed
	}
	return nil
}

func (h *ServerHello) reset() {
	*h = ServerHello{Extensions: h.Extensions[:0], NextProtocols: h.NextProtocols[:0], SCTs: h.SCTs[:0], text: h.text[:0]}
}

// ParseRetry reads the body of a hello_retry_request of the drafts of TLS 1.3 before 22.
func (h *ServerHello) ParseRetry(body []byte) error {
	h.reset()
	h.HelloRetry = true
	c := cursor{b: body}
	h.Version = c.u16()
	if h.Version >= firstDraftWithCipher {
		h.CipherSuite = c.u16()
		h.Chosen = !c.short
	}
	return h.end(&c)
}

// firstDraftWithCipher is draft 19: from it on a hello_retry_request names the cipher.
const firstDraftWithCipher = 0x7f13

// oldDraft reports a version of TLS 1.3 before draft 22, whose server hello has neither
// session nor compression.
func oldDraft(v uint16) bool { return v >= 0x7f00 && v < 0x7f16 }

// extension reads the data of one extension; false where they are not of its form.
func (h *ServerHello) extension(typ uint16, data []byte) (ok bool) {
	c := cursor{b: data}
	switch typ {
	case extStatusRequest:
		h.OCSPStapling = true
	case extALPN:
		return h.alpn(&c)
	case extSCT:
		return h.timestamps(&c)
	case extExtendedMaster:
		h.ExtendedMaster = true
	case extSessionTicket:
		h.SessionTicket = true
	case extPreSharedKey:
		h.PSKIdentity = c.u16()
		h.PSKSelected = !c.short
		return c.whole()
	case extSupportedVersions:
		h.SelectedVersion = c.u16()
		return c.whole()
	case extCookie:
		h.Cookie = c.vector16()
		return c.whole()
	case extKeyShare:
		h.KeyShareGroup = c.u16()
		return !c.short // behind it the key, but in a request for another hello
	case extNextProtocols:
		h.NextProtocolNegotiation = true
		return h.nextProtocols(&c)
	case extRenegotiation:
		h.SecureRenegotiation, h.Renegotiation = true, c.vector8()
		return c.whole()
	}
	return true
}

// alpn takes the one name of the list (RFC 7301 §3.1).
func (h *ServerHello) alpn(c *cursor) bool {
	list := cursor{b: c.vector16()}
	h.ALPN = list.vector8()
	return c.whole() && list.whole()
}

// timestamps splits the list of RFC 6962 §3.3.
func (h *ServerHello) timestamps(c *cursor) bool {
	list := cursor{b: c.vector16()}
	for list.left() > 0 {
		sct := list.vector16()
		if list.short {
			return false
		}
		h.SCTs = append(h.SCTs, sct)
	}
	return c.whole()
}

// nextProtocols splits a list without a length of its own.
func (h *ServerHello) nextProtocols(c *cursor) bool {
	for c.left() > 0 {
		name := c.vector8()
		if c.short {
			return false
		}
		h.NextProtocols = append(h.NextProtocols, name)
	}
	return true
}

// Has reports whether an extension is there.
func (h *ServerHello) Has(extension uint16) bool { return has(h.Extensions, extension) }

// NegotiatedVersion returns the version that the server has chosen.
func (h *ServerHello) NegotiatedVersion() uint16 {
	if h.SelectedVersion != 0 {
		return h.SelectedVersion
	}
	return h.Version
}

func has(types []uint16, typ uint16) bool { return slices.Contains(types, typ) }
