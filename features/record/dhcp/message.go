package dhcp

// Number is a value that a message may lack.
type Number struct {
	Value int64
	Known bool
}

func known(v uint64) Number { return Number{int64(v), true} }

// Message is a parsed message. Its slices are of the message's bytes and of the
// Message's own memory: they hold until the next Parse, and as long as the bytes do. A
// nil slice is what the message lacks.
type Message struct {
	Version   uint8    // 4 or 6
	Type      Number   // option 53, or DHCPv6's message type; BOOTP has none
	ID        Number   // of the transaction
	Codes     []uint16 // of the options, in their order
	Requested []uint16 // codes of options that the sender asks for
	BadCodes  []uint16 // of the options whose values are not of their form

	BOOTP  BOOTP   // DHCPv4
	Relays []Relay // DHCPv6, from the outermost

	ClientID, ServerID []byte // option 61 or DUID; address or DUID
	Client, Server     DUID
	ClientLink         []byte // the client's link-layer address
	ClientHardware     Number // its type (IANA ARP hardware types)

	HostName, FQDN, DomainName []byte
	FQDNForm                   Form
	FQDNFlags                  Number
	BootFile, ServerName       []byte
	Text                       []byte // option 56, or the status code's message
	Status                     Number // DHCPv6 status code, the message's own or that of its first lease

	RequestedIP, SubnetMask []byte
	Routers, NameServers    []byte // addresses, one behind the other

	LeaseTime, Renewal, Rebinding Number // seconds
	MaxBytes                      Number // of a message that the sender takes
	Elapsed                       Number // milliseconds since the client began

	VendorClasses    [][]byte
	VendorEnterprise Number
	UserClasses      [][]byte

	CircuitID, RemoteID, SubscriberID []byte // added by the relay nearest to the client
	RemoteEnterprise                  Number

	Leases []Lease // DHCPv6

	values  values4
	joined  []byte // options in pieces, put together
	options int    // read, what tests hold to be linear
	seen    uint64 // options of DHCPv6 that come once
}

// BOOTP has the fixed fields of DHCPv4.
type BOOTP struct {
	Op                                    Number // 1 request, 2 reply
	Hops                                  Number
	Flags                                 Number
	ClientIP, YourIP, NextServer, RelayIP []byte
	Overload                              Number // option 52
}

// Broadcast is the bit of Flags with which a client asks for an answer to all.
const Broadcast = 1 << 15

// Relay is one DHCPv6 relay's wrapping.
type Relay struct {
	Type       uint8 // 12 forward, 13 reply
	Hops       uint8
	Link, Peer []byte
}

// Lease is an address or prefix of an identity association.
type Lease struct {
	Kind             LeaseKind
	IAID             uint32
	Addr             []byte // 16 bytes
	Bits             uint8  // of the prefix; 128 for an address
	Preferred, Valid uint32 // seconds
}

// LeaseKind is the kind of an identity association.
type LeaseKind uint8

// The kinds.
const (
	NonTemporary LeaseKind = iota
	Temporary
	Prefix
)

var leaseKinds = [...]string{"na", "ta", "pd"}

// String returns na, ta or pd.
func (k LeaseKind) String() string { return leaseKinds[k] }

// Form is how a name is written.
type Form uint8

// The forms.
const (
	ASCII  Form = iota
	Labels      // of RFC 1035 §3.1
)

func (m *Message) reset(version uint8) {
	*m = Message{
		Version: version, Codes: m.Codes[:0], Requested: m.Requested[:0], BadCodes: m.BadCodes[:0], Relays: m.Relays[:0],
		VendorClasses: m.VendorClasses[:0], UserClasses: m.UserClasses[:0], Leases: m.Leases[:0], joined: m.joined[:0],
		values: values4{pieces: m.values.pieces[:0]},
	}
}

// bad notes an option whose value is not of its form.
func (m *Message) bad(code uint16) { m.BadCodes = append(m.BadCodes, code) }
