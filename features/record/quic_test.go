package record

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pcapmill/features/flow"
	"pcapmill/features/record/quic"
)

// The server's packet of RFC 9001 §A.3 and the Retry packet of §A.4. The client's of
// §A.2, which is long, is in the tests of package quic.
const (
	quicServerPacket = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3" +
		"dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee"
	quicRetryPacket = "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba"
	quicNegotiation = "80000000000008f067a5502a4262b5000000016b3343cf"
	// quicClientHello has a server name, ALPN and transport parameters, the last cut.
	quicClientHello = "0303000000000000000000000000000000000000000000000000000000000000000000000213010100" +
		"0030" + "0000000a000800000561ff2e6f72" + "00100008000602683302682c" + "002b0003020304" + "0039000b0102406471290255210102"
)

// TestQUICRows: packets that cannot be read, and those that need no keys.
func TestQUICRows(t *testing.T) {
	set, err := Open(Options{Names: []string{"quic"}, Addresses: flow.AddrText})
	if err != nil {
		t.Fatal(err)
	}
	p := set.Parsers[0].(DatagramParser)
	var rows Rows
	var c Conversation
	for _, packet := range []string{quicServerPacket, quicServerPacket, quicRetryPacket, quicNegotiation, "40aabbcc"} {
		b, err := hex.DecodeString(packet)
		if err != nil {
			t.Fatal(err)
		}
		pkt := Packet{Flow: new(flow.Row), Version: 4, SrcPort: 443, DstPort: 4000, Payload: b}
		if p.Recognise(&pkt) != (len(b) > 4) {
			t.Errorf("%s is recognised: %v", packet, len(b) <= 4)
		}
		if err := p.Datagram(&c, &pkt, &rows); err != nil {
			t.Error(err)
		}
	}
	b := filled(t, set.Tables.Schemas[0], &rows)
	vectors := b.Vectors
	column := func(name string) int { return b.Schema.Index(name) }
	var kinds []string
	for row := range b.Rows {
		kinds = append(kinds, vectors[column("kind")].String(row))
	}
	if got := strings.Join(kinds, " "); got != "unread retry version_negotiation" {
		t.Errorf("rows: %s", got)
	}
	if id := vectors[column("scid")].String(1); id != "f067a5502a4262b5" || vectors[column("token_bytes")].Int32[1] != 5 || !vectors[column("ja3")].Null(1) || !vectors[column("packet_number")].Null(0) {
		t.Errorf("Retry: scid %s, %v bytes of token", id, vectors[column("token_bytes")].Int32[1])
	}
	if v := vectors[column("versions")].Int64; len(v) != 2 || v[1] != 0x6b3343cf {
		t.Errorf("versions %v", v)
	}
	if c.Bytes() <= 0 {
		t.Errorf("%d bytes reserved", c.Bytes())
	}
}

// TestQUICHello: what a hello says to the flow; its transport parameters are malformed.
func TestQUICHello(t *testing.T) {
	body, err := hex.DecodeString(quicClientHello)
	if err != nil {
		t.Fatal(err)
	}
	var p quicParser
	m := &p.message
	var malformed *quic.Error
	if err := p.set(quic.Event{Kind: quic.HelloOfClient, Version: quic.V1, Body: body}); !errors.As(err, &malformed) || malformed.Reason != quic.Params || !m.malformed {
		t.Errorf("parameters: %v", err)
	}
	var c Conversation
	m.say(&c)
	for text, want := range map[flow.AppText]string{flow.ServerName: `a\255.or`, flow.ALPN: `h3,h\,`, flow.JA4: "q13d0104h3_0f2cb44170f4_" + c.Says(flow.JA4)[24:], flow.TLSVersion: ""} {
		if got := c.Says(text); got != want {
			t.Errorf("text %d: %q, want %q", text, got, want)
		}
	}
	if idle, known := m.parameters.Number(0); idle != 100 || !known || string(m.parameters.UserAgent) != "U!" {
		t.Errorf("parameters %+v", m.parameters)
	}
	if err := p.set(quic.Event{Kind: quic.HelloOfClient, Version: quic.V1, Body: body[:20]}); err == nil || !m.cut || len(m.ja3) > 0 {
		t.Errorf("cut hello: %v, ja3 %q", err, m.ja3)
	}
	if err := p.set(quic.Event{Kind: quic.Retried}); err != nil || m.malformed {
		t.Errorf("Retry: %v", err)
	}
}
