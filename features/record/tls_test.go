package record

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	cryptotls "crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/flow"
)

// tap keeps a copy of what is written.
type tap struct {
	net.Conn
	mutex sync.Mutex
	bytes []byte
}

func (c *tap) Write(b []byte) (int, error) {
	c.mutex.Lock()
	c.bytes = append(c.bytes, b...)
	c.mutex.Unlock()
	return c.Conn.Write(b)
}

// handshake returns the bytes of both directions of a connection of the standard
// library's, of a version and with server.example's certificate.
func handshake(t testing.TB, version uint16) (sides [2][]byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "server\n.example"}, DNSNames: []string{"server.example"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	there, back := net.Pipe()
	client, server := &tap{Conn: there}, &tap{Conn: back}
	c := cryptotls.Client(client, &cryptotls.Config{ServerName: "server.example", NextProtos: []string{"h2", "http/1.1"}, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
	s := cryptotls.Server(server, &cryptotls.Config{NextProtos: []string{"http/1.1"}, Certificates: []cryptotls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, SessionTicketsDisabled: true})
	done := make(chan error, 1)
	go func() {
		err := s.Handshake()
		if err == nil {
			_, err = s.Write([]byte("hello"))
		}
		done <- err
	}()
	if _, err := c.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return [2][]byte{client.bytes, server.bytes}
}

func openTLS(t testing.TB) (*Set, StreamParser) {
	t.Helper()
	set, err := Open(Options{Names: []string{"tls", "x509"}, Addresses: flow.AddrText})
	if err != nil {
		t.Fatal(err)
	}
	return set, set.Parsers[0].(StreamParser)
}

// tlsRowsOf reads pieces of the client's direction, side 0, and then of the server's.
func tlsRowsOf(t testing.TB, p StreamParser, rows *Rows, sides [2][][]byte) *Conversation {
	t.Helper()
	var c Conversation
	for side, pieces := range sides {
		pkt := &Packet{Flow: new(flow.Row), Version: 4, SrcPort: uint16(40000 + side), DstPort: uint16(40001 - side), Side: uint8(side), Time: 1e9}
		skip, ended, unused := 0, false, []byte(nil)
		for _, b := range pieces {
			n := min(skip, len(b))
			skip, b = skip-n, append(unused, b[n:]...)
			if len(b) == 0 || ended {
				continue
			}
			used, need, err := p.Stream(&c, pkt, b, rows)
			if ended = errors.Is(err, ErrDone); err != nil && !ended || need != 0 && used+need != len(b)+1 {
				t.Fatal(need, err)
			}
			unused, skip = slices.Clone(b[min(used, len(b)):]), max(used-len(b), 0)
		}
	}
	return &c
}

// encoded joins all rows.
func encoded(rows *Rows) (all []byte) {
	for table := range rows.entries {
		for _, row := range rowsOf(rows, table) {
			all = append(append(all, byte(table)), row...)
		}
	}
	return all
}

// TestTLSRows: a handshake of TLS 1.2 with its certificate, and one of 1.3, in which it
// is encrypted.
func TestTLSRows(t *testing.T) {
	for version, want := range map[uint16]struct {
		name, alpn   string
		certificates int
	}{
		cryptotls.VersionTLS12: {"TLSv1.2", "http/1.1", 1},
		cryptotls.VersionTLS13: {"TLSv1.3", "h2,http/1.1", 0},
	} {
		sides := handshake(t, version)
		set, p := openTLS(t)
		var rows Rows
		c := tlsRowsOf(t, p, &rows, [2][][]byte{{sides[0]}, {sides[1]}})
		if rows.Len() != 2+want.certificates {
			t.Fatalf("%s: %d rows", want.name, rows.Len())
		}
		for text, value := range map[flow.AppText]string{flow.ServerName: "server.example", flow.ALPN: want.alpn, flow.TLSVersion: want.name} {
			if got := c.Says(text); got != value {
				t.Errorf("%s: the flow says %q, want %q", want.name, got, value)
			}
		}
		if len(c.Says(flow.JA3)) != 32 || len(c.Says(flow.JA3S)) != 32 || len(c.Says(flow.JA4)) != 36 {
			t.Errorf("%s: JA3 %q, JA3S %q, JA4 %q", want.name, c.Says(flow.JA3), c.Says(flow.JA3S), c.Says(flow.JA4))
		}
		hellos := filledOf(t, set.Tables.Schemas[0], &rows, 0)
		certificates := filledOf(t, set.Tables.Schemas[1], &rows, 1)
		cell := func(b *batch.Batch, name string, row int) string {
			return b.Vectors[b.Schema.Index(name)].String(row)
		}
		if cell(hellos, "kind", 0) != "client_hello" || cell(hellos, "kind", 1) != "server_hello" || cell(hellos, "server_name", 1) != "server.example" || cell(hellos, "tls_version", 1) != want.name {
			t.Errorf("%s: %s, %s for %s", want.name, cell(hellos, "kind", 0), cell(hellos, "kind", 1), cell(hellos, "server_name", 1))
		}
		if want.certificates > 0 && (cell(certificates, "sender", 0) != "server" || cell(certificates, "common_name", 0) != `server\010.example` || cell(certificates, "serial", 0) != "4d") {
			t.Errorf("%s: certificate of %s, %s, %s", want.name, cell(certificates, "sender", 0), cell(certificates, "common_name", 0), cell(certificates, "serial", 0))
		}
	}
}

// TestTLSCuts: wherever segments are cut, the rows are the same.
func TestTLSCuts(t *testing.T) {
	for _, version := range []uint16{cryptotls.VersionTLS12, cryptotls.VersionTLS13} {
		sides := handshake(t, version)
		_, p := openTLS(t)
		var whole Rows
		tlsRowsOf(t, p, &whole, [2][][]byte{{sides[0]}, {sides[1]}})
		want := encoded(&whole)
		for cut := range max(len(sides[0]), len(sides[1])) {
			var rows Rows
			first, second := min(cut, len(sides[0])), min(cut, len(sides[1]))
			tlsRowsOf(t, p, &rows, [2][][]byte{{sides[0][:first], sides[0][first:]}, {sides[1][:second], sides[1][second:]}})
			if !bytes.Equal(encoded(&rows), want) {
				t.Fatalf("cut at %d: other rows", cut)
			}
		}
		var rows Rows
		tlsRowsOf(t, p, &rows, [2][][]byte{slices.Collect(slices.Chunk(sides[0], 1)), slices.Collect(slices.Chunk(sides[1], 1))})
		if !bytes.Equal(encoded(&rows), want) {
			t.Error("byte by byte: other rows")
		}
	}
}

// TestTLSChoice: a server's hello that names no cipher suite has none, and not number 0.
func TestTLSChoice(t *testing.T) {
	random := string(bytes.Repeat([]byte{7}, 32))
	sslv2 := "\x04\x00\x01\x00\x02\x00\x02\x00\x03\x00\x10de\x07\x00\xc0" + random[:16]
	for hello, want := range map[string]string{
		"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + random + "\x00\x00\x00\x00": "0",
		"\x16\x03\x03\x00\x29\x02\x00\x00\x25\x03\x03" + random + "\x00\x00\x2f":     "null",
		"\x16\x03\x03\x00\x06\x06\x00\x00\x02\x7f\x12":                               "null",
		"\x16\x03\x03\x00\x0a\x06\x00\x00\x06\x7f\x13\x13\x01\x00\x00":               "4865",
		"\x80" + string([]byte{byte(len(sslv2))}) + sslv2:                            "null",
	} {
		set, p := openTLS(t)
		var rows Rows
		tlsRowsOf(t, p, &rows, [2][][]byte{nil, {[]byte(hello)}})
		b := filled(t, set.Tables.Schemas[0], &rows)
		if b.Rows != 1 || cell(b, "cipher_suite", 0) != want {
			t.Errorf("%x: %d rows, cipher suite %s, want %s", hello, b.Rows, cell(b, "cipher_suite", 0), want)
		}
	}
}

// TestTLSTakesOver: the server's answer to a request for TLS, as PostgreSQL's, is not of
// its stream.
func TestTLSTakesOver(t *testing.T) {
	sides := handshake(t, cryptotls.VersionTLS12)
	_, p := openTLS(t)
	var rows Rows
	tlsRowsOf(t, p, &rows, [2][][]byte{{sides[0]}, {[]byte("S"), sides[1]}})
	if rows.Len() != 3 {
		t.Errorf("%d rows", rows.Len())
	}
}

// TestTLSRowsAllocateOnce: the conversation and what its flow's row says are all that a
// handshake allocates, once its certificates are known.
func TestTLSRowsAllocateOnce(t *testing.T) {
	sides := handshake(t, cryptotls.VersionTLS12)
	_, p := openTLS(t)
	var rows Rows
	if n := testing.AllocsPerRun(100, func() {
		rows.Reset()
		tlsRowsOf(t, p, &rows, [2][][]byte{{sides[0]}, {sides[1]}})
	}); n > 24 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzTLSStream holds that a stream's rows do not depend on its cuts.
func FuzzTLSStream(f *testing.F) {
	sides := handshake(f, cryptotls.VersionTLS12)
	f.Add(sides[0], 100)
	f.Add(sides[1], 100)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		_, p := openTLS(t)
		cut = min(max(cut, 0), len(stream))
		run := func(pieces ...[]byte) []byte {
			var rows Rows
			var c Conversation
			skip, unused := 0, []byte(nil)
			for _, b := range pieces {
				n := min(skip, len(b))
				skip, b = skip-n, append(unused, b[n:]...)
				if len(b) == 0 {
					continue
				}
				used, _, err := p.Stream(&c, &Packet{Flow: new(flow.Row), Version: 4}, b, &rows)
				if err != nil {
					break
				}
				unused, skip = slices.Clone(b[min(used, len(b)):]), max(used-len(b), 0)
			}
			return encoded(&rows)
		}
		if !bytes.Equal(run(stream), run(stream[:cut], stream[cut:])) {
			t.Errorf("cut at %d: other rows", cut)
		}
	})
}
