package tls

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// issue makes a self-signed certificate.
func issue(t testing.TB, change func(*x509.Certificate)) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x1234),
		Subject:      pkix.Name{CommonName: "a,b\x00.example", Organization: []string{"Größe"}},
		NotBefore:    time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		DNSNames:     []string{"a.example", "*.b.example"}, EmailAddresses: []string{"x@a.example"},
		IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1), net.ParseIP("2001:db8::1")},
		URIs:        []*url.URL{{Scheme: "spiffe", Host: "a", Path: "/b"}},
		IsCA:        true, BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestCertificate(t *testing.T) {
	der := issue(t, nil)
	c := ParseCertificate(der)
	if c.Err != nil || c.SHA256 != sha256.Sum256(der) || c.Bytes != len(der) || c.Version != 3 || string(c.Serial) != "\x12\x34" {
		t.Fatalf("%+v", c)
	}
	if c.Subject != "CN=a\\,b\x00.example,O=Größe" || c.Issuer != c.Subject || c.CommonName != "a,b\x00.example" || !c.SelfSigned || !c.IsCA {
		t.Errorf("%+v", c)
	}
	if c.KeyType != "ECDSA" || c.KeyBits != 256 || c.Curve != "P-256" || c.SignatureAlgorithm != "ECDSA-SHA256" || c.NotAfter.UnixMicro() != 253402300799000000 {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(c.DNSNames, []string{"a.example", "*.b.example"}) || !slices.Equal(c.IPAddresses, []string{"192.0.2.1", "2001:db8::1"}) || !slices.Equal(c.URIs, []string{"spiffe://a/b"}) || len(c.Emails) != 1 {
		t.Errorf("%+v", c)
	}
}

func TestEd25519Certificate(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	if c := ParseCertificate(der); c.Err != nil || c.KeyType != "Ed25519" || c.KeyBits != 256 || string(c.Serial) != "\x00" || c.Subject != "" {
		t.Errorf("%+v", c)
	}
}

// TestURIs: URIs are as the certificate has them.
func TestURIs(t *testing.T) {
	want := []string{"HTTP://A.example/#", "http://b/ c", "urn:x:Y"}
	names := []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte("a.example")}}
	for _, uri := range want {
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(uri)})
	}
	value, err := asn1.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	c := ParseCertificate(issue(t, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{{Id: oidSAN, Value: value}} }))
	if c.Err != nil || !slices.Equal(c.URIs, want) || !slices.Equal(c.DNSNames, []string{"a.example"}) {
		t.Errorf("%v, %q", c.Err, c.URIs)
	}
}

// TestOtherKeys: a key of DSA, and one of an algorithm that crypto/x509 does not know,
// in place of the certificate's own.
func TestOtherKeys(t *testing.T) {
	modulus := new(big.Int).Lsh(big.NewInt(1), 1023)
	for _, c := range []struct {
		oid        asn1.ObjectIdentifier
		parameters any
		key        any
		want       string
		bits       int
	}{
		{asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}, struct{ P, Q, G *big.Int }{modulus, big.NewInt(7), big.NewInt(2)}, 5, "DSA", 1024},
		{asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 1}, 1, 5, "1.2.643.7.1.1.1.1", 0},
	} {
		got := ParseCertificate(withKey(t, issue(t, nil), c.oid, c.parameters, c.key))
		if got.Err != nil || got.KeyType != c.want || got.KeyBits != c.bits || got.Curve != "" {
			t.Errorf("%s: %s of %d bits, curve %q, %v", c.want, got.KeyType, got.KeyBits, got.Curve, got.Err)
		}
	}
}

// withKey returns a certificate with another key; its signature is that of the first.
func withKey(t *testing.T, der []byte, oid asn1.ObjectIdentifier, parameters, key any) []byte {
	t.Helper()
	marshal := func(value any) []byte {
		b, err := asn1.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var outer struct{ Body, Algorithm, Signature asn1.RawValue }
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		t.Fatal(err)
	}
	var parts []asn1.RawValue
	if _, err := asn1.Unmarshal(outer.Body.FullBytes, &parts); err != nil {
		t.Fatal(err)
	}
	const keyPart = 6 // behind version, serial number, algorithm, issuer, validity and subject
	bits := marshal(key)
	parts[keyPart] = asn1.RawValue{FullBytes: marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: marshal(parameters)}},
		asn1.BitString{Bytes: bits, BitLength: 8 * len(bits)},
	})}
	outer.Body = asn1.RawValue{FullBytes: marshal(parts)}
	return marshal(outer)
}

// TestRefusedCertificate: what crypto/x509 refuses has fingerprints and a reason, and
// where only a part is not of its form the rest.
func TestRefusedCertificate(t *testing.T) {
	der := issue(t, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x7234) })
	negative := slices.Clone(der)
	at := strings.Index(string(negative), "\x02\x02\x72\x34")
	negative[at+2] = 0xff
	c := ParseCertificate(negative)
	if c.Err == nil || !c.Partial || !c.SerialNegative || c.CommonName != "a,b\x00.example" || c.Reason() != "negative serial number" || c.NotBefore.Year() != 2020 || !c.SelfSigned {
		t.Errorf("%+v", c)
	}
	for name, b := range map[string][]byte{"none": nil, "cut": der[:len(der)/2], "text": []byte("certificate"), "bytes behind": append(slices.Clone(der), 0)} {
		if c := ParseCertificate(b); c.Err == nil || c.Reason() == "" || c.SHA256 != sha256.Sum256(b) || c.Bytes != len(b) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// TestName: names as RFC 4514 writes them, with values that crypto/x509 refuses.
func TestName(t *testing.T) {
	const utf8, printable, bmp, visible, universal = 12, 19, 30, 26, 28
	common := asn1.ObjectIdentifier{2, 5, 4, 3}
	for _, c := range []struct {
		tag          int
		oid          asn1.ObjectIdentifier
		value        string
		name, common string
	}{
		{utf8, common, "a", "CN=a", "a"},
		{utf8, common, " #,+\"\\<>;= ", `CN=\ #\,\+\"\\\<\>\;=\ `, " #,+\"\\<>;= "},
		{utf8, common, "#", `CN=\#`, "#"},
		{utf8, common, " ", `CN=\ `, " "},
		{utf8, common, "", "CN=", ""},
		{printable, common, "my_host@a", "CN=my_host@a", "my_host@a"},
		{visible, common, "host", "CN=host", "host"},
		{bmp, common, "\x00h\x00\xf6\x00\x00", "CN=h\u00f6", "h\u00f6"},
		{bmp, common, "odd", "CN=#1e036f6464", ""},
		{universal, common, "\x00\x00\x00h\x00\x01\xf6\x00", "CN=h\U0001f600", "h\U0001f600"},
		{asn1.TagInteger, common, "\x05", "CN=#020105", ""},
		{asn1.TagIA5String, asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, "org", "DC=org", ""},
		{utf8, asn1.ObjectIdentifier{2, 5, 4, 42}, "g", "2.5.4.42=#0c0167", ""},
	} {
		value := asn1.RawValue{Tag: c.tag, Bytes: []byte(c.value)}
		der, err := asn1.Marshal([]attributeSET{{{asn1.ObjectIdentifier{2, 5, 4, 6}, asn1.RawValue{Tag: printable, Bytes: []byte("DE")}}}, {{c.oid, value}}})
		if err != nil {
			t.Fatal(err)
		}
		if name, common := nameText(der); name != c.name+",C=DE" || common != c.common {
			t.Errorf("%d %q: %q, common name %q", c.tag, c.value, name, common)
		}
	}
	if name, _ := nameText([]byte{0x30, 5}); name != "" {
		t.Errorf("no name: %q", name)
	}
}

func FuzzCertificate(f *testing.F) {
	f.Add(issue(f, nil))
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		if c := ParseCertificate(der); (c.Err == nil) != (c.Reason() == "") {
			t.Errorf("%+v", c)
		}
	})
}
