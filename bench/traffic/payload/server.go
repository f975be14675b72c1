package payload

// Handshake is one TLS connection: what both sides need to write their messages.
type Handshake struct {
	Client     *Client
	Server     uint32 // number of the server; decides what it speaks
	ServerName string // that the client asks for
	Seed       uint64
	Sealed     int  // bytes of the server's encrypted messages in TLS 1.3
	Resumed    bool // TLS 1.2 without certificates
}

// Version returns the version that both agree on. Every fifth server speaks TLS
// 1.2 at most.
func (h *Handshake) Version() int {
	if h.Client.modern() && (h.Server%5 != 0 || h.quic()) {
		return tls13
	}
	return tls12
}

func (h *Handshake) quic() bool { return h.Client.record == 0 }

// Chosen returns the protocol that the server picks: the client's first, but
// that every seventh server does not know HTTP/2. Empty where none was asked for.
func (h *Handshake) Chosen() string {
	if len(h.Client.alpn) > 1 && h.Server%7 == 0 {
		return h.Client.alpn[1]
	}
	return h.Client.ALPN()
}

// Certificates is the number of certificates that the server sends in the clear.
func (h *Handshake) Certificates() int {
	if h.Version() == tls13 || h.Resumed {
		return 0
	}
	return chainLength(h.Server >> 4 % domains)
}

// cipher returns the cipher that the server picks: one that its certificate can
// serve.
func (h *Handshake) cipher() int {
	for _, c := range h.Client.ciphers {
		switch {
		case h.Version() == tls13 && c>>8 == 0x13:
			return c
		case h.Version() == tls12 && (c == 0xc02b || c == 0xc02c || c == 0xcca9):
			return c
		}
	}
	return h.Client.ciphers[0]
}

// AppendClientHello appends the client's record.
func (m *Maker) AppendClientHello(b []byte, h Handshake) []byte {
	at := len(b)
	b = append(b, 22, byte(h.Client.record>>8), byte(h.Client.record), 0, 0)
	b = m.AppendHello(b, h)
	set16(b, at+3)
	return b
}

// AppendServerHello appends the handshake message of the server.
func (m *Maker) AppendServerHello(b []byte, h Handshake) []byte {
	start := len(b)
	b = append(b, 2, 0, 0, 0, 3, 3)
	b = appendRandom(b, 32, derived(h.Seed, saltServer))
	if h.Version() == tls13 || h.Resumed {
		b = h.appendSession(b)
	} else {
		b = appendRandom(append(b, 32), 32, derived(h.Seed, saltServer+50))
	}
	b = append(be16(b, h.cipher()), 0)
	at := len(b)
	b = be16(b, 0)
	if h.Version() == tls13 {
		b = append(b, 0, extVersions, 0, 2, 3, 4)
		b = h.appendServerShare(b)
	} else {
		b = h.appendOldExtensions(b)
	}
	set16(b, at)
	set24(b, start+1)
	return b
}

// appendServerShare appends the server's public key, for the client's first.
func (h *Handshake) appendServerShare(b []byte) []byte {
	group := h.Client.shares[0]
	if group == greaseMark {
		group = h.Client.shares[1]
	}
	size := shareSize(group, true)
	b = be16(be16(b, extShares), size+4)
	b = be16(be16(b, group), size)
	return appendRandom(b, size, derived(h.Seed, saltServer+100))
}

// appendOldExtensions appends what a TLS 1.2 server answers.
func (h *Handshake) appendOldExtensions(b []byte) []byte {
	b = append(b, 0xff, 1, 0, 1, 0, 0, extPoints, 0, 2, 1, 0, 0, extMaster, 0, 0)
	if name := h.Chosen(); name != "" {
		b = be16(be16(b, extALPN), len(name)+3)
		b = append(be16(b, len(name)+1), byte(len(name)))
		b = append(b, name...)
	}
	return b
}

// AppendServerFlight appends all that the server sends after the hello.
func (m *Maker) AppendServerFlight(b []byte, h Handshake) []byte {
	at := len(b)
	b = append(b, 22, 3, 3, 0, 0)
	b = m.AppendServerHello(b, h)
	if h.Version() == tls12 && !h.Resumed {
		return m.appendOldFlight(b, at, h)
	}
	set16(b, at+3)
	b = append(b, 20, 3, 3, 0, 1, 1)
	if h.Version() == tls12 {
		return AppendSealed(b, 22, 40, derived(h.Seed, saltServer+200))
	}
	return AppendSealed(b, 23, h.Sealed, derived(h.Seed, saltServer+200))
}

// AppendSealed appends an encrypted record of a type; application data has 23.
func AppendSealed(b []byte, typ byte, size int, seed uint64) []byte {
	b = be16(append(b, typ, 3, 3), size)
	return appendRandom(b, size, seed)
}

// appendOldFlight appends certificates, key and the end of the server's turn in
// TLS 1.2. Two servers of three write a record for each message.
func (m *Maker) appendOldFlight(b []byte, at int, h Handshake) []byte {
	next := func() {
		if h.Server%3 == 0 {
			return
		}
		set16(b, at+3)
		at = len(b)
		b = append(b, 22, 3, 3, 0, 0)
	}
	next()
	b = m.AppendCertificates(b, h.Server>>4%domains)
	next()
	b = h.appendServerKey(b)
	next()
	b = append(b, 14, 0, 0, 0)
	set16(b, at+3)
	return b
}

// appendServerKey appends the ServerKeyExchange message: an X25519 key under an
// ECDSA signature, which is random numbers (RFC 8422, section 5.4).
func (h *Handshake) appendServerKey(b []byte) []byte {
	start := len(b)
	b = append(b, 12, 0, 0, 0, 3, 0, groupX25519, 32)
	b = appendRandom(b, 32, derived(h.Seed, saltServer+300))
	b = append(b, 4, 3, 0, 70, 0x30, 68, 2, 32, 0x5a)
	b = appendRandom(b, 31, derived(h.Seed, saltServer+301))
	b = append(b, 2, 32, 0x3c)
	b = appendRandom(b, 31, derived(h.Seed, saltServer+302))
	set24(b, start+1)
	return b
}

// AppendClientFinish appends the client's second turn.
func (m *Maker) AppendClientFinish(b []byte, h Handshake) []byte {
	seed := derived(h.Seed, saltCipher)
	switch {
	case h.Version() == tls13:
		b = append(b, 20, 3, 3, 0, 1, 1)
		return AppendSealed(b, 23, 53, seed)
	case !h.Resumed:
		b = append(b, 22, 3, 3, 0, 37, 16, 0, 0, 33, 32)
		b = appendRandom(b, 32, seed+1)
	}
	b = append(b, 20, 3, 3, 0, 1, 1)
	return AppendSealed(b, 22, 40, seed)
}

// AppendServerFinish appends the server's second turn: a ticket in the clear and
// the end in TLS 1.2, tickets under encryption in TLS 1.3.
func (m *Maker) AppendServerFinish(b []byte, h Handshake) []byte {
	seed := derived(h.Seed, saltCipher+50)
	if h.Version() == tls13 {
		return AppendSealed(AppendSealed(b, 23, 234, seed), 23, 234, seed+1)
	}
	b = append(b, 22, 3, 3, 0, 186, 4, 0, 0, 182, 0, 0, 0x1c, 0x20, 0, 176)
	b = appendRandom(b, 176, seed)
	b = append(b, 20, 3, 3, 0, 1, 1)
	return AppendSealed(b, 22, 40, seed+1)
}
