package payload

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"
)

// issued is the first day on which the certificates are valid: it is no clock's,
// so that they are always the same.
var issued = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// chainLength is the number of certificates of a domain: two of three domains
// have one of the common issuer and send that along.
func chainLength(domain uint32) int { return 2 - b2i(domain%3 == 0) }

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Chain returns the certificates of a domain in DER form, its own first, each
// made at first use. They are the same in every run: ECDSA signatures without a
// source of randomness are (RFC 6979).
func (m *Maker) Chain(domain uint32) [][]byte {
	if m.chains[domain] == nil {
		m.chains[domain] = newChain(domain)
	}
	return m.chains[domain]
}

// newChain makes a domain's certificates.
func newChain(domain uint32) [][]byte {
	leaf := certificate("*."+domainName(domain), int64(domain)+1000)
	leaf.DNSNames = []string{"*." + domainName(domain), domainName(domain)}
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if chainLength(domain) == 1 {
		return [][]byte{sign(leaf, leaf, domain+2, domain+2)}
	}
	issuer := certificate("Example Issuing CA 1", 1)
	issuer.IsCA, issuer.BasicConstraintsValid = true, true
	issuer.KeyUsage = x509.KeyUsageCertSign
	return [][]byte{sign(leaf, issuer, domain+2, 1), sign(issuer, issuer, 1, 1)}
}

func certificate(name string, serial int64) *x509.Certificate {
	return &x509.Certificate{
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Example"}, Country: []string{"ZZ"}},
		SerialNumber: big.NewInt(serial),
		NotBefore:    issued,
		NotAfter:     issued.AddDate(0, 0, 90),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// sign encodes a certificate for the key of one number, signed by another's.
func sign(c, parent *x509.Certificate, key, by uint32) []byte {
	der, err := x509.CreateCertificate(nil, c, parent, &keyOf(key).PublicKey, keyOf(by))
	if err != nil {
		panic("payload: " + err.Error()) // our own template
	}
	return der
}

// keyOf returns the private key of a number, which is no secret.
func keyOf(n uint32) *ecdsa.PrivateKey {
	raw := make([]byte, 32)
	Fill(raw, uint64(n))
	raw[0] = 0x1f // below the order of the curve
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		panic("payload: " + err.Error())
	}
	return key
}

// AppendCertificates appends the Certificate message of a domain in TLS 1.2.
func (m *Maker) AppendCertificates(b []byte, domain uint32) []byte {
	start := len(b)
	b = append(b, 11, 0, 0, 0, 0, 0, 0)
	for _, der := range m.Chain(domain) {
		b = append(be24(b, len(der)), der...)
	}
	set24(b, start+4)
	set24(b, start+1)
	return b
}
