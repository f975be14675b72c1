package record

import (
	"time"

	"pcapmill/features/record/tls"
)

var x509Protocol = Protocol{
	Name: "x509",
	Doc:  "certificates that TLS 1.2 and before, and SSL 2.0, send in the clear, one row each",
	With: "tls",
}

// tlsCertificate is a certificate with what its connection adds.
type tlsCertificate struct {
	*tls.Certificate
	position   int
	count      int
	sender     uint8 // type of the hello that the sender has sent; 0 where none was seen
	serverName []byte
	valid      bool
	scratch    []byte
}

// certificates makes the rows of certificates. Of those that come again and again it
// remembers what they say.
type certificates struct {
	*table[tlsCertificate]
	row    tlsCertificate
	known  map[[32]byte]*tls.Certificate
	memory int
}

// Limits of what is remembered.
const (
	mostRemembered = 1 << 20 // bytes of certificates
	largeToKeep    = 8 << 10
)

func newCertificates(ts *Tables) (*certificates, error) {
	t, err := newTable(ts, "x509", x509Columns())
	return &certificates{table: t, known: map[[32]byte]*tls.Certificate{}}, err
}

// add appends the certificates of a message.
func (cs *certificates) add(out *Rows, pkt *Packet, talk *tlsTalk, list [][]byte) {
	if cs.number < 0 {
		return
	}
	for i, der := range list {
		c := cs.read(der)
		now := time.Unix(0, pkt.Time)
		cs.row = tlsCertificate{
			Certificate: c, position: i, count: len(list), sender: talk.sides[pkt.Side].hello,
			serverName: talk.serverName, valid: !now.Before(c.NotBefore) && !now.After(c.NotAfter), scratch: cs.row.scratch,
		}
		cs.table.add(out, pkt, &cs.row)
	}
}

func (cs *certificates) read(der []byte) *tls.Certificate {
	if len(der) > largeToKeep {
		return tls.ParseCertificate(der)
	}
	sum := tls.Fingerprint(der)
	c := cs.known[sum]
	if c != nil {
		return c
	}
	c = tls.ParseCertificate(der)
	if cs.memory += len(der); cs.memory > mostRemembered {
		clear(cs.known)
		cs.memory = len(der)
	}
	cs.known[sum] = c
	return c
}
