package quic

// Kind is what an Event tells.
type Kind uint8

// The kinds.
const (
	HelloOfClient Kind = iota
	HelloOfServer
	Retried
	Negotiated // Version Negotiation
	Closed     // CONNECTION_CLOSE in an Initial packet
	Unread     // the first packet of a connection that cannot be read
)

var kindNames = [...]string{"client_hello", "server_hello", "retry", "version_negotiation", "connection_close", "unread"}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// message returns the type that a kind of hello has in TLS.
func (k Kind) message() uint8 {
	if k == HelloOfClient {
		return ClientHello
	}
	return ServerHello
}

// Event is something that a datagram told. Its bytes are those of the datagram and of
// the Reader, valid until its next call.
type Event struct {
	Kind       Kind
	Version    Version
	DCID, SCID []byte // of the packet
	Token      []byte // of the packet
	Number     int64  // of the packet, -1 where it is not known
	Packets    int    // that brought pieces of the hello
	Datagrams  int    // that brought pieces of the hello
	Body       []byte // of the hello; versions, four bytes each; the reason of a close
	Code       uint64 // of a close: the error
	FrameType  uint64 // of a close: the frame that it was about
}
