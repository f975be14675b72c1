package record

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"reflect"
	"testing"
)

// TestKnownCertificates: what is remembered of a certificate is what it says, it is not
// taken for another with the same hash, and what is remembered has a bound.
func TestKnownCertificates(t *testing.T) {
	cs := certificates{seed: maphash.MakeSeed(), known: map[uint64]knownCertificate{}}
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
		if c.Err == nil || cs.memory > mostRemembered {
			t.Fatalf("%v, %d bytes", c.Err, cs.memory)
		}
	}
	if len(cs.known) > 5000 {
		t.Errorf("%d are remembered", len(cs.known))
	}
}
