package payload

// hello is the encoded form of a Client: what does not change from one
// connection to the next, and where it does.
type hello struct {
	ciphers part
	exts    []part
}

// part is encoded bytes with places to change.
type part struct {
	bytes []byte
	typ   int
	fixes []fix
}

// fix is a place in a part that each connection fills on its own.
type fix struct {
	at, n int // n random bytes; 2: a reserved value
	salt  uint64
	plus  byte // makes two reserved values of one salt differ
}

// helloOf returns the encoded form, made at first use.
func (m *Maker) helloOf(c *Client) *hello {
	if h := m.hellos[c]; h != nil {
		return h
	}
	h := &hello{}
	h.ciphers.bytes = be16(nil, 0)
	h.ciphers.list(c.ciphers, saltGrease)
	set16(h.ciphers.bytes, 0)
	h.ciphers.bytes = append(h.ciphers.bytes, 1, 0) // no compression
	reserved := byte(0)
	for _, typ := range c.exts {
		p := part{typ: typ, bytes: be16(be16(nil, typ), 0)}
		if typ == greaseMark {
			p.fixes = append(p.fixes, fix{0, 2, saltGrease + 100, reserved << 4})
			if reserved++; reserved > 1 {
				p.bytes = append(p.bytes, 0)
			}
		} else {
			c.encode(&p)
		}
		set16(p.bytes, 2)
		h.exts = append(h.exts, p)
	}
	m.hellos[c] = h
	return h
}

// list appends 16-bit numbers, reserved values among them.
func (p *part) list(values []int, salt uint64) {
	for _, v := range values {
		if v == greaseMark {
			p.fixes = append(p.fixes, fix{len(p.bytes), 2, salt, 0})
		}
		p.bytes = be16(p.bytes, v)
	}
}

// random appends n bytes that each connection draws.
func (p *part) random(n int, salt uint64) {
	p.fixes = append(p.fixes, fix{len(p.bytes), n, salt, 0})
	p.bytes = append(p.bytes, make([]byte, n)...)
}

// encode appends the body of an extension. Those with the server's name and
// padding are written for each connection.
func (c *Client) encode(p *part) {
	b := &p.bytes
	switch p.typ {
	case extStatus:
		*b = append(*b, 1, 0, 0, 0, 0)
	case extGroups:
		*b = be16(*b, 2*len(c.groups))
		p.list(c.groups, saltGrease+300)
	case extPoints:
		*b = append(*b, 1, 0)
	case extSignatures, extDelegated:
		*b = be16(*b, 2*len(c.sigs))
		p.list(c.sigs, 0)
	case extALPN:
		c.protocols(p, c.alpn)
	case extALPS:
		c.protocols(p, c.alpn[:1])
	case extCompress:
		*b = append(*b, 2, 0, 2)
	case extRecordLimit:
		*b = be16(*b, 0x4001)
	case extVersions:
		*b = append(*b, byte(2*len(c.versions)))
		p.list(c.versions, saltGrease+400)
	case extModes:
		*b = append(*b, 1, 1)
	case extShares:
		c.keyShares(p)
	case extTransport:
		transportParameters(p)
	case extECH:
		*b = append(*b, 0, 0, 1, 0, 1) // outer, HKDF-SHA256, AES-128-GCM
		p.random(1, saltShare+7)
		*b = be16(*b, 32)
		p.random(32, saltShare+8)
		*b = be16(*b, 176)
		p.random(176, saltShare+9)
	case extRenegotiate:
		*b = append(*b, 0)
	}
}

// protocols appends a list of protocol names.
func (c *Client) protocols(p *part, names []string) {
	at := len(p.bytes)
	p.bytes = be16(p.bytes, 0)
	for _, name := range names {
		p.bytes = append(append(p.bytes, byte(len(name))), name...)
	}
	set16(p.bytes, at)
}

// keyShares appends public keys: random bytes of their length.
func (c *Client) keyShares(p *part) {
	at := len(p.bytes)
	p.bytes = be16(p.bytes, 0)
	for i, g := range c.shares {
		p.list([]int{g}, saltGrease+300)
		size := shareSize(g, false)
		p.bytes = be16(p.bytes, size)
		if g == groupP256 {
			p.bytes = append(p.bytes, 4)
			size--
		}
		p.random(size, saltShare+10+uint64(i))
	}
	set16(p.bytes, at)
}

// shareSize is the length of a public key, of the server's answer in the hybrid
// group another than the client's.
func shareSize(group int, server bool) int {
	switch {
	case group == greaseMark:
		return 1
	case group == groupP256:
		return 65
	case group == groupHybrid && server:
		return 1088 + 32
	case group == groupHybrid:
		return 1184 + 32
	}
	return 32
}

// transportParameters appends those of QUIC (RFC 9000, section 18): identifier,
// length, value, each a variable-length integer.
func transportParameters(p *part) {
	p.bytes = append(p.bytes,
		1, 4, 0x80, 0, 0x75, 0x30, // max_idle_timeout 30,000
		3, 2, 0x45, 0xc0, // max_udp_payload_size 1,472
		4, 4, 0x80, 0xf0, 0, 0, // initial_max_data
		5, 4, 0x80, 0x60, 0, 0, 6, 4, 0x80, 0x60, 0, 0, 7, 4, 0x80, 0x60, 0, 0,
		8, 2, 0x40, 0x64, 9, 2, 0x40, 0x67, // initial_max_streams
		15, 0) // initial_source_connection_id
}

// AppendHello appends the handshake message of a client, for QUIC's CRYPTO frames
// or a record.
func (m *Maker) AppendHello(b []byte, h Handshake) []byte {
	t := m.helloOf(h.Client)
	start := len(b)
	b = append(b, 1, 0, 0, 0)
	b = be16(b, h.Client.version)
	b = appendRandom(b, 32, derived(h.Seed, saltRandom))
	b = h.appendSession(b)
	b = t.ciphers.append(b, h.Seed)
	at := len(b)
	b = be16(b, 0)
	order := h.order(len(t.exts))
	for i := range t.exts {
		e := &t.exts[order[i]]
		switch e.typ {
		case extServerName:
			b = appendServerName(b, h.ServerName)
		case extPadding:
			b = appendPadding(b, h.Client.padTo-(len(b)-start))
		default:
			b = e.append(b, h.Seed)
		}
	}
	set16(b, at)
	set24(b, start+1)
	return b
}

// appendSession appends the session identifier that the server repeats.
func (h *Handshake) appendSession(b []byte) []byte {
	if !h.Client.session {
		return append(b, 0)
	}
	return appendRandom(append(b, 32), 32, derived(h.Seed, saltSession))
}

// maxExtensions is above the number of extensions of each Client.
const maxExtensions = 32

// order returns the order of the extensions. Reserved ones stay at the ends.
func (h *Handshake) order(n int) (order [maxExtensions]uint8) {
	for i := range order {
		order[i] = uint8(i)
	}
	if !h.Client.shuffle {
		return order
	}
	first := 0
	if h.Client.exts[0] == greaseMark {
		first, n = 1, n-1
	}
	draw := derived(h.Seed, saltShare)
	for i := n - 1; i > first; i-- {
		draw = Mix(draw)
		j := first + int(draw%uint64(i-first+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// append appends the part with its places filled.
func (p *part) append(b []byte, seed uint64) []byte {
	start := len(b)
	b = append(b, p.bytes...)
	for _, f := range p.fixes {
		place := b[start+f.at:][:f.n]
		if f.n != 2 {
			Fill(place, derived(seed, f.salt))
			continue
		}
		v := 0x0a | (byte(derived(seed, f.salt))+f.plus)&0xf0
		place[0], place[1] = v, v
	}
	return b
}

// appendServerName appends the extension with the server's name (RFC 6066). An
// empty name leaves it out.
func appendServerName(b []byte, name string) []byte {
	if name == "" {
		return b
	}
	b = be16(be16(b, extServerName), len(name)+5)
	b = append(be16(b, len(name)+3), 0)
	return append(be16(b, len(name)), name...)
}

// appendPadding appends a padding extension that takes up to room bytes.
func appendPadding(b []byte, room int) []byte {
	if room < 5 {
		return b
	}
	b = be16(be16(b, extPadding), room-4)
	return append(b, make([]byte, room-4)...)
}
