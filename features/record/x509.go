package record

import (
	"bytes"
	"hash/maphash"
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
	seed   maphash.Seed
	known  map[uint64]knownCertificate // by a hash of their bytes
	memory int
}

// knownCertificate is a certificate and what it says. The hash that finds it is a fast
// one, so that the bytes are compared.
type knownCertificate struct {
	der  []byte
	says *tls.Certificate
}

// Limits of what is remembered.
const (
	mostRemembered = 1 << 20 // bytes of certificates
	largeToKeep    = 8 << 10
)

func newCertificates(ts *Tables) (*certificates, error) {
	t, err := newTable(ts, "x509", x509Columns())
	return &certificates{table: t, seed: maphash.MakeSeed(), known: map[uint64]knownCertificate{}}, err
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
	hash := maphash.Bytes(cs.seed, der)
	if k := cs.known[hash]; k.says != nil && bytes.Equal(k.der, der) {
		return k.says
	}
	c := tls.ParseCertificate(der)
	if cs.memory += len(der); cs.memory > mostRemembered {
		clear(cs.known)
		cs.memory = len(der)
	}
	cs.known[hash] = knownCertificate{bytes.Clone(der), c}
	return c
}
