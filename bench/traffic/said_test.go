package traffic_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcapmill/bench/traffic"
	"pcapmill/features/record/dns"
	"pcapmill/ingest/packet"
)

// listener keeps what each side of each conversation says: the stream of TCP by
// sequence number, the datagrams of UDP.
type listener struct {
	t       *testing.T
	streams map[[2]netip.AddrPort]*heard
	// known has the addresses that each client's lookups were answered with.
	known map[[2]netip.Addr]string
	names map[netip.Addr]string
}

// heard is one direction.
type heard struct {
	first     uint32
	stream    []byte
	datagrams [][]byte
}

func newListener(t *testing.T) *listener {
	return &listener{
		t: t, streams: map[[2]netip.AddrPort]*heard{}, known: map[[2]netip.Addr]string{}, names: map[netip.Addr]string{},
	}
}

// WritePacket implements traffic.PacketWriter.
func (l *listener) WritePacket(_ packet.Nanos, _ uint32, data []byte) error {
	p := gopacket.NewPacket(bytes.Clone(data), layers.LayerTypeEthernet, gopacket.NoCopy)
	src, dst, _, l4, proto, _ := ipOf(p)
	if proto != packet.ProtoTCP && proto != packet.ProtoUDP {
		return nil
	}
	key := [2]netip.AddrPort{
		netip.AddrPortFrom(src, binary.BigEndian.Uint16(l4)), netip.AddrPortFrom(dst, binary.BigEndian.Uint16(l4[2:])),
	}
	h := l.streams[key]
	if h == nil {
		h = &heard{}
		l.streams[key] = h
	}
	if proto == packet.ProtoUDP {
		h.datagrams = append(h.datagrams, l4[8:])
		l.lookup(key, l4[8:])
		return nil
	}
	seq := binary.BigEndian.Uint32(l4[4:])
	if l4[13]&byte(packet.SYN) != 0 {
		h.first = seq + 1
		return nil
	}
	payload := l4[l4[12]>>4*4:]
	if len(payload) == 0 {
		return nil
	}
	at := int(seq - h.first)
	if end := at + len(payload); end > len(h.stream) {
		h.stream = append(h.stream, make([]byte, end-len(h.stream))...)
	}
	copy(h.stream[at:], payload)
	return nil
}

// lookup notes the addresses of an answer.
func (l *listener) lookup(key [2]netip.AddrPort, data []byte) {
	if key[0].Port() != 53 {
		return
	}
	m := parsed(l.t, data)
	question := string(m.Bytes(m.Questions[0].Name))
	for _, r := range m.Sections[0] {
		if r.Type != 1 && r.Type != 28 {
			continue
		}
		a := netip.MustParseAddr(string(m.Bytes(r.Data)))
		if l.names[a] != "" && l.names[a] != question {
			l.t.Errorf("%v has two names", a)
		}
		l.names[a], l.known[[2]netip.Addr{key[1].Addr(), a}] = question, question
	}
}

func parsed(t *testing.T, data []byte) *dns.Message {
	t.Helper()
	m := &dns.Message{}
	if err := m.Parse(data, dns.DNS); err != nil {
		t.Fatalf("%v: %x", err, data)
	}
	if len(m.Questions) != 1 || m.Trailing != 0 {
		t.Fatalf("message %x", data)
	}
	return m
}

// said reads the conversation anew.
func (l *listener) said(truth *traffic.FlowTruth) (got traffic.Said) {
	a, b := netip.AddrPortFrom(truth.Src, truth.SrcPort), netip.AddrPortFrom(truth.Dst, truth.DstPort)
	fwd, rev := l.streams[[2]netip.AddrPort{a, b}], l.streams[[2]netip.AddrPort{b, a}]
	if fwd == nil {
		fwd = &heard{}
	}
	if rev == nil {
		rev = &heard{}
	}
	got.App, got.Hello = truth.App, truth.Hello
	switch truth.App {
	case "dns":
		l.dns(&got, fwd, rev)
	case "tls":
		l.tls(&got, fwd, rev)
	case "http":
		l.http(&got, fwd, rev)
	case "ssh":
		l.ssh(&got, fwd, rev)
	case "quic":
		l.quic(&got, fwd, rev)
	case "dhcp":
		l.dhcp(&got, truth.Src.Is4(), fwd, rev)
	}
	return got
}

func (l *listener) dns(got *traffic.Said, fwd, rev *heard) {
	for i, h := range []*heard{fwd, rev} {
		messages, kind := h.datagrams, traffic.DNSQuery
		for b := h.stream; len(b) > 2 && len(b) >= 2+int(binary.BigEndian.Uint16(b)); {
			n := 2 + int(binary.BigEndian.Uint16(b))
			messages, b, kind = append(messages, b[2:n]), b[n:], traffic.DNSQueryTCP
		}
		for _, data := range messages {
			m := parsed(l.t, data)
			if m.Response() != (i == 1) {
				l.t.Errorf("direction %d: %x", i, data)
			}
			got.Messages[int(kind)+i]++
			got.Question, got.QuestionType = string(m.Bytes(m.Questions[0].Name)), m.Questions[0].Type
			got.ResponseCode = uint8(m.Rcode)
		}
	}
}

// oneWay is a connection that says what it is given and hears nothing.
type oneWay struct {
	net.Conn
	io.Reader
}

func (o oneWay) Read(b []byte) (int, error)  { return o.Reader.Read(b) }
func (o oneWay) Write(b []byte) (int, error) { return len(b), nil }

// messages returns the handshake messages in the clear of a stream.
func messages(stream []byte) (out [][]byte) {
	var plain []byte
	for len(stream) >= 5 && stream[0] == 22 && len(stream) >= 5+int(binary.BigEndian.Uint16(stream[3:])) {
		n := 5 + int(binary.BigEndian.Uint16(stream[3:]))
		plain, stream = append(plain, stream[5:n]...), stream[n:]
	}
	for len(plain) >= 4 {
		n := 4 + int(binary.BigEndian.Uint32(plain)&0xffffff)
		if n > len(plain) {
			return out
		}
		out, plain = append(out, plain[:n]), plain[n:]
	}
	return out
}

var errEnough = errors.New("enough")

func (l *listener) tls(got *traffic.Said, fwd, rev *heard) {
	config := &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		got.ServerName = hello.ServerName
		if len(hello.SupportedProtos) > 0 {
			got.ALPN = hello.SupportedProtos[0]
		}
		got.Messages[traffic.ClientHello]++
		return nil, errEnough
	}}
	err := tls.Server(oneWay{Reader: bytes.NewReader(fwd.stream)}, config).HandshakeContext(context.Background())
	if len(fwd.stream) > 0 && !errors.Is(err, errEnough) && !errors.Is(err, io.ErrUnexpectedEOF) {
		l.t.Errorf("hello: %v", err)
	}
	for _, m := range messages(rev.stream) {
		switch m[0] {
		case 2:
			got.Messages[traffic.ServerHello]++
			l.serverHello(got, m)
		case 11:
			l.certificates(got, m[7:])
		}
	}
}

// serverHello reads version and protocol.
func (l *listener) serverHello(got *traffic.Said, m []byte) {
	got.TLSVersion = binary.BigEndian.Uint16(m[4:])
	ext := m[39+int(m[38])+5:]
	for len(ext) >= 4 {
		typ, n := binary.BigEndian.Uint16(ext), 4+int(binary.BigEndian.Uint16(ext[2:]))
		switch typ {
		case 43:
			got.TLSVersion = binary.BigEndian.Uint16(ext[4:])
		case 16:
			got.ALPNChosen = string(ext[7:n])
		}
		ext = ext[n:]
	}
}

func (l *listener) certificates(got *traffic.Said, list []byte) {
	var chain []*x509.Certificate
	for len(list) > 0 {
		n := 3 + int(list[0])<<16 + int(list[1])<<8 + int(list[2])
		c, err := x509.ParseCertificate(list[3:n])
		if err != nil {
			l.t.Fatal(err)
		}
		chain, list = append(chain, c), list[n:]
		got.Messages[traffic.Certificate]++
	}
	if got.ServerName != "" {
		if err := chain[0].VerifyHostname(got.ServerName); err != nil {
			l.t.Error(err)
		}
	}
	if err := chain[0].CheckSignatureFrom(chain[len(chain)-1]); err != nil && len(chain) > 1 {
		l.t.Error(err)
	}
}

func (l *listener) http(got *traffic.Said, fwd, rev *heard) {
	requests, answers := bufio.NewReader(bytes.NewReader(fwd.stream)), bufio.NewReader(bytes.NewReader(rev.stream))
	var asked []*http.Request
	for {
		r, err := http.ReadRequest(requests)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				l.t.Errorf("request: %v", err)
			}
			break
		}
		io.Copy(io.Discard, r.Body)
		asked = append(asked, r)
		got.Messages[traffic.HTTPRequest]++
	}
	if len(asked) == 0 {
		return
	}
	got.Host, got.UserAgent, got.FirstTarget = asked[0].Host, asked[0].UserAgent(), asked[0].RequestURI
	for _, r := range asked {
		a, err := http.ReadResponse(answers, r)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				l.t.Errorf("answer: %v", err)
			}
			return
		}
		got.Messages[traffic.HTTPResponse]++
		if got.FirstStatus == 0 {
			got.FirstStatus = a.StatusCode
		}
		if _, err := io.Copy(io.Discard, a.Body); err != nil {
			return
		}
	}
	if n, _ := answers.Peek(1); len(n) > 0 {
		l.t.Error("bytes behind the last answer")
	}
}

func (l *listener) ssh(got *traffic.Said, fwd, rev *heard) {
	for i, h := range []*heard{fwd, rev} {
		line, rest, ok := strings.Cut(string(h.stream), "\r\n")
		if !ok {
			continue
		}
		*[]*string{&got.ClientBanner, &got.ServerBanner}[i] = line
		got.Messages[traffic.SSHBanner]++
		if len(rest) > 5 && rest[5] == 20 && len(rest) >= 4+int(binary.BigEndian.Uint32([]byte(rest))) {
			got.Messages[traffic.SSHKexInit]++
		}
	}
}

func (l *listener) dhcp(got *traffic.Said, four bool, fwd, rev *heard) {
	for _, data := range append(slices.Clone(fwd.datagrams), rev.datagrams...) {
		if four {
			var d layers.DHCPv4
			if err := d.DecodeFromBytes(data, gopacket.NilDecodeFeedback); err != nil || len(d.Options) < 4 {
				l.t.Errorf("%v: %x", err, data)
			}
			got.Messages[traffic.DHCPv4]++
			continue
		}
		var d layers.DHCPv6
		if err := d.DecodeFromBytes(data, gopacket.NilDecodeFeedback); err != nil || len(d.Options) < 3 {
			l.t.Errorf("%v: %x", err, data)
		}
		got.Messages[traffic.DHCPv6]++
	}
}

// TestSaid reads all messages of the mixed profile with other parsers than those
// that wrote them, and compares each conversation with its truth.
func TestSaid(t *testing.T) {
	o, err := traffic.DefaultOptions("mixed")
	if err != nil {
		t.Fatal(err)
	}
	o = o.Times(0.04)
	l := newListener(t)
	var flows []traffic.FlowTruth
	followed, connections := 0, 0
	o.OnFlow = func(f *traffic.FlowTruth) error {
		flows = append(flows, *f)
		return nil
	}
	truth, err := traffic.Generate("mixed", l, o)
	if err != nil {
		t.Fatal(err)
	}
	var sum traffic.Messages
	for i := range flows {
		f := &flows[i]
		for k, n := range f.Messages {
			sum[k] += n
		}
		if f.App != "" && f.App != "dns" && f.App != "dhcp" {
			connections++
		}
		if f.DNSName != "" {
			followed++
			if l.known[[2]netip.Addr{f.Src, f.Dst}] != f.DNSName {
				t.Fatalf("nobody told %v that %v is %q", f.Src, f.Dst, f.DNSName)
			}
		}
		want := f.Said
		want.DNSName = ""
		if got := l.said(f); got != want {
			t.Fatalf("%v:%d to %v:%d, %d packets\ngot  %+v\nwant %+v", f.Src, f.SrcPort, f.Dst, f.DstPort, f.FwdPackets+f.RevPackets, got, want)
		}
	}
	if sum != truth.Messages {
		t.Errorf("flows sum to %v, truth has %v", sum, truth.Messages)
	}
	if i := slices.Index(truth.Messages[:], 0); i >= 0 {
		t.Errorf("no message of kind %v", traffic.Message(i))
	}
	if share := float64(followed) / float64(connections); share < 0.6 {
		t.Errorf("%.2f of the connections follow a lookup", share)
	}
}
