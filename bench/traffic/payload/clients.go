package payload

// Client is how one kind of program says hello (RFC 8446, section 4.1.2). The
// lists are our own; they are like those that programs send, and differ between
// the clients as those of programs do.
type Client struct {
	Name string

	record   int   // version of the record
	version  int   // of the message: TLS 1.2 also where the extension has 1.3
	ciphers  []int // greaseMark: a reserved value (RFC 8701)
	exts     []int // in this order
	shuffle  bool  // the order is drawn anew for each connection
	groups   []int
	shares   []int // groups with a key share
	versions []int
	sigs     []int
	alpn     []string
	session  bool // a session identifier of 32 bytes, for middle boxes
	padTo    int  // size of the message that padding fills it to
}

// greaseMark stands for a reserved value in the lists of a Client.
const greaseMark = 0x0a0a

// Types of extensions.
const (
	extServerName  = 0
	extStatus      = 5
	extGroups      = 10
	extPoints      = 11
	extSignatures  = 13
	extALPN        = 16
	extSCT         = 18
	extPadding     = 21
	extMaster      = 23
	extCompress    = 27
	extRecordLimit = 28
	extDelegated   = 34
	extTicket      = 35
	extVersions    = 43
	extModes       = 45
	extPostAuth    = 49
	extShares      = 51
	extTransport   = 57
	extALPS        = 17613
	extECH         = 0xfe0d
	extRenegotiate = 0xff01
)

// Groups for key exchange.
const (
	groupP256   = 23
	groupP384   = 24
	groupP521   = 25
	groupX25519 = 29
	groupHybrid = 4588 // X25519MLKEM768
)

const (
	tls10 = 0x0301
	tls12 = 0x0303
	tls13 = 0x0304
)

var web = []string{"h2", "http/1.1"}

// Browser is a shuffling client with reserved values, Compact the same without
// the hybrid key share, which takes a second segment.
var Browser, Compact = browser("browser", groupHybrid), browser("browser-compact", groupX25519)

func browser(name string, first int) *Client {
	c := &Client{
		Name: name, record: tls10, version: tls12, session: true, shuffle: true, alpn: web,
		ciphers: []int{greaseMark, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
			0xcca9, 0xcca8, 0xc013, 0xc014, 0x9c, 0x9d, 0x2f, 0x35},
		exts: []int{greaseMark, extServerName, extMaster, extRenegotiate, extGroups, extPoints, extTicket, extALPN,
			extStatus, extSignatures, extSCT, extShares, extModes, extVersions, extCompress, extALPS, extECH, greaseMark},
		groups:   []int{greaseMark, groupX25519, groupP256, groupP384},
		shares:   []int{greaseMark, groupX25519},
		versions: []int{greaseMark, tls13, tls12},
		sigs:     []int{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
	}
	if first == groupHybrid {
		c.groups = []int{greaseMark, groupHybrid, groupX25519, groupP256, groupP384}
		c.shares = []int{greaseMark, groupHybrid, groupX25519}
	}
	return c
}

// Steady is a browser whose extensions keep their order and that reserves
// nothing.
var Steady = &Client{
	Name: "browser-steady", record: tls10, version: tls12, session: true, alpn: web,
	ciphers: []int{0x1301, 0x1303, 0x1302, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030,
		0xc00a, 0xc009, 0xc013, 0xc014, 0x9c, 0x9d, 0x2f, 0x35},
	exts: []int{extServerName, extMaster, extRenegotiate, extGroups, extPoints, extTicket, extALPN, extStatus,
		extDelegated, extShares, extVersions, extSignatures, extModes, extRecordLimit, extECH},
	groups:   []int{groupX25519, groupP256, groupP384, groupP521, 256, 257},
	shares:   []int{groupX25519, groupP256},
	versions: []int{tls13, tls12},
	sigs:     []int{0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201},
}

// Library is a program over a common library, which asks for no protocol.
var Library = &Client{
	Name: "library", record: tls10, version: tls12, session: true,
	ciphers: []int{0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x9f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f, 0x9e,
		0xc024, 0xc028, 0x6b, 0xc023, 0xc027, 0x67, 0xc00a, 0xc014, 0x39, 0xc009, 0xc013, 0x33, 0x9d, 0x9c, 0x3d, 0x3c, 0x35, 0x2f, 0xff},
	exts:     []int{extServerName, extPoints, extGroups, extTicket, 22, extMaster, extSignatures, extVersions, extModes, extShares, extPadding},
	groups:   []int{groupX25519, groupP256, 30, groupP521, groupP384},
	shares:   []int{groupX25519},
	versions: []int{tls13, tls12},
	sigs: []int{0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806,
		0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602},
	padTo: 512,
}

// Older speaks TLS 1.2 at most.
var Older = &Client{
	Name: "older", record: tls10, version: tls12, alpn: web,
	ciphers: []int{0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x9c, 0x9d, 0x2f, 0x35, 0x0a},
	exts:    []int{extServerName, extStatus, extGroups, extPoints, extSignatures, extRenegotiate, extALPN, extSCT, extMaster},
	groups:  []int{groupX25519, groupP256, groupP384, groupP521},
	sigs:    []int{0x0804, 0x0403, 0x0807, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0503, 0x0603, 0x0201, 0x0203},
}

// Device is a small thing that speaks TLS 1.2 and names no server.
var Device = &Client{
	Name: "device", record: tls12, version: tls12,
	ciphers: []int{0xc02c, 0xc02b, 0xc0ad, 0xc0ac, 0xc024, 0xc023, 0xff},
	exts:    []int{extSignatures, extGroups, extPoints, 22, extMaster, extTicket},
	groups:  []int{groupP256, groupP384, groupX25519},
	sigs:    []int{0x0503, 0x0403, 0x0401},
}

// Mailer is a mail program.
var Mailer = &Client{
	Name: "mailer", record: tls10, version: tls12, session: true, alpn: []string{"imap"},
	ciphers:  []int{0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8},
	exts:     []int{extServerName, extMaster, extGroups, extPoints, extALPN, extSignatures, extVersions, extModes, extShares, extPostAuth},
	groups:   []int{groupX25519, groupP256, groupP384},
	shares:   []int{groupX25519},
	versions: []int{tls13, tls12},
	sigs:     []int{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501},
}

// QUICBrowser and QUICSteady are the browsers over QUIC; QUICLarge has the
// hybrid key share, so that its hello takes two datagrams.
var (
	QUICBrowser = quicBrowser("quic-browser", groupX25519)
	QUICLarge   = quicBrowser("quic-large", groupHybrid, groupX25519)
	QUICSteady  = &Client{
		Name: "quic-steady", version: tls12, alpn: []string{"h3"},
		ciphers:  []int{0x1301, 0x1303, 0x1302},
		exts:     []int{extServerName, extMaster, extGroups, extALPN, extStatus, extShares, extVersions, extSignatures, extModes, extRecordLimit, extTransport},
		groups:   []int{groupX25519, groupP256, groupP384},
		shares:   []int{groupX25519},
		versions: []int{tls13},
		sigs:     []int{0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601},
	}
)

func quicBrowser(name string, shares ...int) *Client {
	return &Client{
		Name: name, version: tls12, shuffle: true, alpn: []string{"h3"},
		ciphers: []int{0x1301, 0x1302, 0x1303},
		exts: []int{extServerName, extGroups, extALPN, extSignatures, extShares, extModes, extVersions, extTransport,
			extCompress, extALPS, extECH},
		groups:   append(shares[:len(shares):len(shares)], groupP256, groupP384),
		shares:   shares,
		versions: []int{tls13},
		sigs:     []int{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201},
	}
}

// ALPN returns the protocol that the client asks for first, empty where it asks
// for none.
func (c *Client) ALPN() string {
	if len(c.alpn) == 0 {
		return ""
	}
	return c.alpn[0]
}

// NamesServer reports whether the hello has the server's name.
func (c *Client) NamesServer() bool {
	for _, e := range c.exts {
		if e == extServerName {
			return true
		}
	}
	return false
}

// modern reports whether the client speaks TLS 1.3.
func (c *Client) modern() bool { return len(c.versions) > 0 }
