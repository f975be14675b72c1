package record

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"hash/maphash"
	"math/big"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// TestKnownCertificates: what is remembered of a certificate is what it says, it is not
// taken for another with the same hash, and what is remembered has a bound.
func TestKnownCertificates(t *testing.T) {
	cs := certificates{seed: maphash.MakeSeed(), known: map[uint64]knownCertificate{}, most: mostRemembered / 2}
	der := []byte("no certificate")
	first := cs.read(der)
	if again := cs.read(bytes.Clone(der)); again != first || !reflect.DeepEqual(again, show(der)) {
		t.Errorf("%+v, want %+v", again, first)
	}
	other := []byte("nor is this")
	cs.known[maphash.Bytes(cs.seed, other)] = knownCertificate{der, first}
	if got := cs.read(other); !reflect.DeepEqual(got, show(other)) {
		t.Errorf("%+v of another one", got)
	}
	large := make([]byte, largeToKeep+1)
	if c := cs.read(large); cs.read(large) == c {
		t.Error("a large one is remembered")
	}
	for i := range uint64(20000) {
		c := cs.read(binary.LittleEndian.AppendUint64(nil, i))
		if c.Err == nil || cs.memory > cs.most {
			t.Fatalf("%v, %d bytes", c.Err, cs.memory)
		}
	}
	if len(cs.known) > 5000 {
		t.Errorf("%d are remembered", len(cs.known))
	}
}

// TestNamesOfCertificatesAreRFC4514: what RFC 4514 escapes with a backslash has one, what
// does not print is in decimal.
func TestNamesOfCertificatesAreRFC4514(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a\\b\x00", Organization: []string{"Größe, Inc."}}}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	const name = `CN=a\\b\000,O=Größe\, Inc.`
	if s := show(der); string(s.subject) != name || string(s.issuer) != name || string(s.commonName) != `a\\b\000` {
		t.Errorf("%s, by %s, common name %s", s.subject, s.issuer, s.commonName)
	}
}

// TestNamesOfCertificatesCount: a certificate of hardly anything but short names is
// remembered as what it takes.
func TestNamesOfCertificatesCount(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: slices.Repeat([]string{"a"}, 2500)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil || len(der) > largeToKeep {
		t.Fatalf("%d bytes, %v", len(der), err)
	}
	shown := make([]*shownCertificate, 100)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range shown {
		shown[i] = show(der)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := int(after.HeapAlloc-before.HeapAlloc)/len(shown) + len(der)
	if counted := shown[0].size(len(der)); counted < took || counted > 3*took {
		t.Errorf("%d bytes are counted as %d", took, counted)
	}
	runtime.KeepAlive(shown)
}
