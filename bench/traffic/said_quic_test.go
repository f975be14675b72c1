package traffic_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/bench/traffic/payload"
)

// opened is an Initial packet without its protection.
type opened struct {
	frames, rest []byte
}

// open takes the protection off the packet that a datagram begins with (RFC 9001,
// sections 5.3 and 5.4).
func open(t *testing.T, k payload.QUICKeys, data []byte) opened {
	t.Helper()
	b := bytes.Clone(data)
	at := 6 + int(b[5])
	at += 1 + int(b[at]) // source
	at += 1 + int(b[at]) // token
	length := int(binary.BigEndian.Uint16(b[at:]) & 0x3fff)
	at += 2
	var mask [16]byte
	k.HP.Encrypt(mask[:], b[at+4:][:16])
	b[0] ^= mask[0] & 15
	size := int(b[0]&3) + 1
	nonce := k.IV
	for i := range size {
		b[at+i] ^= mask[1+i]
		nonce[12-size+i] ^= b[at+i]
	}
	frames, err := k.AEAD.Open(nil, nonce[:], b[at+size:at+length], b[:at+size])
	if err != nil {
		t.Fatal(err)
	}
	return opened{frames, b[at+length:]}
}

// crypto puts the CRYPTO frames together.
func crypto(into, frames []byte) []byte {
	number := func() int {
		n := int(frames[0])
		if n >= 64 {
			n = int(binary.BigEndian.Uint16(frames) & 0x3fff)
			frames = frames[1:]
		}
		frames = frames[1:]
		return n
	}
	for len(frames) > 0 {
		typ := frames[0]
		frames = frames[1:]
		switch typ {
		case 2:
			frames = frames[4:]
		case 6:
			at := number()
			n := number()
			if grow := at + n - len(into); grow > 0 {
				into = append(into, make([]byte, grow)...)
			}
			copy(into[at:], frames[:n])
			frames = frames[n:]
		}
	}
	return into
}

func (l *listener) quic(got *traffic.Said, fwd, rev *heard) {
	first := fwd.datagrams[0]
	version, id := binary.BigEndian.Uint32(first[1:]), first[6:6+first[5]]
	long := byte(0xc0)
	if version == payload.QUICv2 {
		long = 0xd0
	}
	var hello []byte
	for _, data := range fwd.datagrams {
		if data[0]&0xf0 == long && len(data) == 1200 && bytes.Equal(data[1:14], first[1:14]) {
			hello = crypto(hello, open(l.t, payload.InitialKeys(version, id, false), data).frames)
		}
	}
	q := tls.QUICServer(&tls.QUICConfig{TLSConfig: &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			got.ServerName, got.ALPN = h.ServerName, h.SupportedProtos[0]
			got.Messages[traffic.QUICClientHello]++
			return nil, errEnough
		},
	}})
	err := q.Start(context.Background())
	if err == nil {
		err = q.HandleData(tls.QUICEncryptionLevelInitial, hello)
	}
	if !errors.Is(err, errEnough) {
		l.t.Errorf("hello over QUIC: %v", err)
	}
	if len(rev.datagrams) == 0 {
		return
	}
	server := open(l.t, payload.InitialKeys(version, id, true), rev.datagrams[0])
	m := crypto(nil, server.frames)
	if n := int(binary.BigEndian.Uint32(m) & 0xffffff); m[0] != 2 || n != len(m)-4 {
		l.t.Errorf("server's hello %x", m)
	}
	got.Messages[traffic.QUICServerHello]++
	l.serverHello(got, m)
}
