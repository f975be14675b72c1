package record

import (
	"bytes"
	"encoding/hex"
	"hash/maphash"
	"time"

	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

var x509Protocol = Protocol{
	Name: "x509",
	Doc:  "certificates that TLS 1.2 and before, and SSL 2.0, send in the clear, one row each",
	With: "tls",
}

// tlsCertificate is a certificate with what its connection adds.
type tlsCertificate struct {
	*shownCertificate
	position   int
	count      int
	sender     uint8 // type of the hello that the sender has sent; 0 where none was seen
	serverName []byte
	valid      bool
}

// certificates makes the rows of certificates. Of those that come again and again it
// remembers what they say.
type certificates struct {
	*table[tlsCertificate]
	row    tlsCertificate
	seed   maphash.Seed
	known  map[uint64]knownCertificate // by a hash of their bytes
	memory int                         // of these, and most that it may be
	most   int
}

// knownCertificate is a certificate and what it says. The hash that finds it is a fast
// one, so that the bytes are compared.
type knownCertificate struct {
	der  []byte
	says *shownCertificate
}

// Limits of what is remembered.
const (
	mostRemembered = 8 << 20 // bytes, of all shards
	largeToKeep    = 8 << 10
)

func newCertificates(ts *Tables) (*certificates, error) {
	t, err := newTable(ts, "x509", x509Columns())
	return &certificates{
		table: t, seed: maphash.MakeSeed(), known: map[uint64]knownCertificate{}, most: mostRemembered / max(1, ts.options.Shards),
	}, err
}

// add appends the certificates of a message.
func (cs *certificates) add(out *Rows, pkt *Packet, talk *tlsTalk, list [][]byte) {
	if cs.number < 0 {
		return
	}
	now := time.Unix(0, pkt.Time)
	for i, der := range list {
		c := cs.read(der)
		cs.row = tlsCertificate{
			shownCertificate: c, position: i, count: len(list), sender: talk.sides[pkt.Side].hello,
			serverName: talk.serverName, valid: !now.Before(c.NotBefore) && !now.After(c.NotAfter),
		}
		cs.table.add(out, pkt, &cs.row)
	}
}

func (cs *certificates) read(der []byte) *shownCertificate {
	if len(der) > largeToKeep {
		return show(der)
	}
	hash := maphash.Bytes(cs.seed, der)
	if k := cs.known[hash]; k.says != nil && bytes.Equal(k.der, der) {
		return k.says
	}
	c := show(der)
	size := c.size(len(der))
	if cs.memory += size; cs.memory > cs.most {
		clear(cs.known)
		cs.memory = size
	}
	cs.known[hash] = knownCertificate{bytes.Clone(der), c}
	return c
}

// shownCertificate is a certificate with its texts as its columns have them.
type shownCertificate struct {
	*tls.Certificate
	sha1, sha256, serial        []byte // in hexadecimal
	subject, issuer, commonName []byte
	reason                      []byte
	names, ips, emails, uris    [][]byte
}

// size is about what is remembered of a certificate of so many bytes. Names that are short,
// or empty, take less of it than what holds them here.
func (s *shownCertificate) size(bytes int) int {
	const texts, perName, besides = 3, 64, 1 << 10
	names := len(s.names) + len(s.ips) + len(s.emails) + len(s.uris)
	return texts*bytes + perName*names + besides
}

// show reads a certificate.
func show(der []byte) *shownCertificate {
	c := tls.ParseCertificate(der)
	s := &shownCertificate{
		Certificate: c,
		sha1:        hex.AppendEncode(nil, c.SHA1[:]), sha256: hex.AppendEncode(nil, c.SHA256[:]), serial: hex.AppendEncode(nil, c.Serial),
		subject: printable.AppendEscaped(nil, []byte(c.Subject)), issuer: printable.AppendEscaped(nil, []byte(c.Issuer)), commonName: printed(c.CommonName), reason: printed(c.Reason()),
		names: allPrinted(c.DNSNames), ips: allPrinted(c.IPAddresses), emails: allPrinted(c.Emails), uris: allPrinted(c.URIs),
	}
	if c.SerialNegative {
		s.serial = append([]byte{'-'}, s.serial...)
	}
	return s
}

func printed(s string) []byte { return printable.Append(nil, []byte(s)) }

func allPrinted(list []string) (texts [][]byte) {
	for _, s := range list {
		texts = append(texts, printed(s))
	}
	return texts
}
