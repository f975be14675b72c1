package payload_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"testing"

	"pcapmill/bench/traffic/payload"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInitialKeys has the keys of RFC 9001, appendix A.1, and RFC 9369, appendix
// A.1, and opens the server's packet of RFC 9001, appendix A.3.
func TestInitialKeys(t *testing.T) {
	id := unhex(t, "8394c8f03e515708")
	for _, c := range []struct {
		version    uint32
		server     bool
		iv, sample string
		mask       string
	}{
		{payload.QUICv1, false, "fa044b2f42a3fd3b46fb255c", "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36"},
		{payload.QUICv1, true, "0ac1493ca1905853b0bba03e", "2cd0991cd25b0aac406a5816b6394100", "2ec0d8356a"},
		{payload.QUICv2, false, "91f73e2351d8fa91660e909f", "ffe67b6abcdb4298b485dd04de806071", "94a0c95e80"},
	} {
		k := payload.InitialKeys(c.version, id, c.server)
		var mask [16]byte
		k.HP.Encrypt(mask[:], unhex(t, c.sample))
		if hex.EncodeToString(k.IV[:]) != c.iv || hex.EncodeToString(mask[:5]) != c.mask {
			t.Errorf("version %x, server %v: IV %x, mask %x", c.version, c.server, k.IV, mask[:5])
		}
	}
	head := unhex(t, "c1000000010008f067a5502a4262b50040750001")
	sealed := unhex(t, "5a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee")
	k := payload.InitialKeys(payload.QUICv1, id, true)
	nonce := k.IV
	nonce[11] ^= 1
	if plain, err := k.AEAD.Open(nil, nonce[:], sealed, head); err != nil || plain[0] != 2 {
		t.Errorf("%v: %x", err, plain)
	}
}

// TestChains: certificates are the same each time, and their own issuer's.
func TestChains(t *testing.T) {
	for domain := range uint32(6) {
		a, b := payload.NewMaker().Chain(domain), payload.NewMaker().Chain(domain)
		for i := range a {
			if !bytes.Equal(a[i], b[i]) {
				t.Fatalf("certificate %d of domain %d differs from run to run", i, domain)
			}
		}
		leaf, err := x509.ParseCertificate(a[0])
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		root, err := x509.ParseCertificate(a[len(a)-1])
		if err != nil {
			t.Fatal(err)
		}
		roots.AddCert(root)
		options := x509.VerifyOptions{Roots: roots, CurrentTime: leaf.NotBefore.AddDate(0, 1, 0)}
		if _, err := leaf.Verify(options); err != nil {
			t.Errorf("domain %d: %v", domain, err)
		}
	}
}

// TestServerNames: no two servers have one name.
func TestServerNames(t *testing.T) {
	m, seen := payload.NewMaker(), map[string]bool{}
	for n := range uint32(payload.Servers) {
		seen[m.ServerName(n)] = true
	}
	if len(seen) != payload.Servers {
		t.Errorf("%d names for %d servers", len(seen), payload.Servers)
	}
}

// TestHASSH: the text that is hashed is method, ciphers, MACs, compression.
func TestHASSH(t *testing.T) {
	p := payload.SSHPeer{KEX: "a", HostKey: "b", Ciphers: "c", MACs: "d", Zip: "e"}
	if got := p.HASSH(); got != "a;c;d;e" {
		t.Error(got)
	}
	if got := p.AppendKexInit(nil, 1); got[5] != 20 || len(got)%8 != 0 || int(got[3]) != len(got)-4 {
		t.Errorf("%x", got)
	}
}
