package tls

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // a fingerprint that others list; it protects nothing
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Certificate is what a certificate says. Its texts are as they are written: they may
// hold bytes that do not print.
type Certificate struct {
	SHA1    [sha1.Size]byte
	SHA256  [sha256.Size]byte
	Bytes   int
	Err     error // why not all of it could be read
	Partial bool  // names, serial number and validity are there in spite of Err

	Version            int
	Serial             []byte // big-endian; of a negative one the amount
	SerialNegative     bool
	Subject, Issuer    string // RFC 4514
	CommonName         string // of the subject
	NotBefore          time.Time
	NotAfter           time.Time
	KeyType            string // RSA, ECDSA, Ed25519, DSA, else the algorithm's OID
	KeyBits            int    // 0: unknown
	Curve              string
	SignatureAlgorithm string // as crypto/x509 names it, else its OID
	DNSNames           []string
	IPAddresses        []string
	Emails             []string
	URIs               []string
	IsCA               bool
	SelfSigned         bool // issuer and subject are the same, as far as the key identifiers say too
}

// errPanic stands for a bug of the parser.
var errPanic = errors.New("the parser failed")

// ParseCertificate reads a certificate. Of one that is refused there are the
// fingerprints and the reason, and where its outline is readable names, serial number
// and validity.
func ParseCertificate(der []byte) *Certificate {
	c := &Certificate{SHA1: sha1.Sum(der), SHA256: sha256.Sum256(der), Bytes: len(der)} //nolint:gosec // as above
	c.Err = guarded(func() error {
		cert, err := x509.ParseCertificate(der)
		if err == nil {
			c.fill(cert)
		}
		return err
	})
	if c.Err != nil {
		c.Partial = guarded(func() error { return c.outline(der) }) == nil
	}
	return c
}

// guarded runs what could meet a bug of a parser of the standard library.
func guarded(read func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return read()
}

func (c *Certificate) fill(cert *x509.Certificate) {
	c.Version = cert.Version
	c.setSerial(cert.SerialNumber)
	c.Subject, c.CommonName = nameText(cert.RawSubject)
	c.Issuer, _ = nameText(cert.RawIssuer)
	c.NotBefore, c.NotAfter = cert.NotBefore, cert.NotAfter
	c.setKey(cert)
	c.SignatureAlgorithm = cert.SignatureAlgorithm.String()
	if cert.SignatureAlgorithm == x509.UnknownSignatureAlgorithm {
		c.SignatureAlgorithm = signatureOID(cert.Raw)
	}
	c.DNSNames, c.Emails = cert.DNSNames, cert.EmailAddresses
	for _, ip := range cert.IPAddresses {
		c.IPAddresses = append(c.IPAddresses, ip.String())
	}
	c.URIs = uris(cert)
	c.IsCA = cert.BasicConstraintsValid && cert.IsCA
	c.SelfSigned = string(cert.RawSubject) == string(cert.RawIssuer) &&
		(len(cert.AuthorityKeyId) == 0 || len(cert.SubjectKeyId) == 0 || string(cert.AuthorityKeyId) == string(cert.SubjectKeyId))
}

// oidSAN is the extension with the subject's alternative names (RFC 5280 §4.2.1.6).
var oidSAN = asn1.ObjectIdentifier{2, 5, 29, 17}

// uris returns the URIs among the subject's alternative names as they are written; those
// of crypto/x509 are parsed, and come out of that in another form.
func uris(cert *x509.Certificate) (list []string) {
	const uri = 6
	for _, extension := range cert.Extensions {
		var names []asn1.RawValue
		if !extension.Id.Equal(oidSAN) {
			continue
		}
		if _, err := asn1.Unmarshal(extension.Value, &names); err != nil {
			continue
		}
		for _, name := range names {
			if name.Class == asn1.ClassContextSpecific && name.Tag == uri {
				list = append(list, string(name.Bytes))
			}
		}
	}
	return list
}

func (c *Certificate) setSerial(n *big.Int) {
	c.SerialNegative = n.Sign() < 0
	if c.Serial = n.Bytes(); len(c.Serial) == 0 {
		c.Serial = []byte{0}
	}
}

func (c *Certificate) setKey(cert *x509.Certificate) {
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		c.KeyType, c.KeyBits = "RSA", k.N.BitLen()
	case *ecdsa.PublicKey:
		p := k.Curve.Params()
		c.KeyType, c.KeyBits, c.Curve = "ECDSA", p.BitSize, p.Name
	case ed25519.PublicKey:
		c.KeyType, c.KeyBits = "Ed25519", 256
	default:
		c.setOtherKey(cert.RawSubjectPublicKeyInfo)
	}
}

// oidDSA is the algorithm of DSA keys (RFC 3279 §2.3.2).
var oidDSA = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}

// setOtherKey reads the algorithm of a key without a package of its own here. That of
// DSA is deprecated, but certificates with such keys are still about.
func (c *Certificate) setOtherKey(info []byte) {
	var key struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(info, &key); err != nil {
		return
	}
	if c.KeyType = key.Algorithm.Algorithm.String(); !key.Algorithm.Algorithm.Equal(oidDSA) {
		return
	}
	c.KeyType = "DSA"
	var domain struct{ P, Q, G *big.Int }
	if _, err := asn1.Unmarshal(key.Algorithm.Parameters.FullBytes, &domain); err == nil {
		c.KeyBits = domain.P.BitLen()
	}
}

func signatureOID(der []byte) string {
	var outer struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return ""
	}
	return outer.Algorithm.Algorithm.String()
}

// outline reads what is before the key of a certificate that crypto/x509 refuses:
// negative serial numbers, extensions not of their form and the like do not hide who it
// is.
func (c *Certificate) outline(der []byte) error {
	var outer struct {
		Body struct {
			Version   int `asn1:"optional,explicit,default:0,tag:0"`
			Serial    *big.Int
			Algorithm pkix.AlgorithmIdentifier
			Issuer    asn1.RawValue
			Validity  struct{ NotBefore, NotAfter time.Time }
			Subject   asn1.RawValue
			Key       asn1.RawValue
		}
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return err
	}
	b := &outer.Body
	c.Version = b.Version + 1
	c.setSerial(b.Serial)
	c.Subject, c.CommonName = nameText(b.Subject.FullBytes)
	c.Issuer, _ = nameText(b.Issuer.FullBytes)
	c.NotBefore, c.NotAfter = b.Validity.NotBefore, b.Validity.NotAfter
	c.SelfSigned = string(b.Subject.FullBytes) == string(b.Issuer.FullBytes)
	return nil
}

// Reason returns why the certificate could not be read in whole; empty where it could.
func (c *Certificate) Reason() string {
	if c.Err == nil {
		return ""
	}
	return strings.TrimPrefix(fmt.Sprint(c.Err), "x509: ")
}
