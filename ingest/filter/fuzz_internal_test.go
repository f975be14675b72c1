package filter

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// fuzzFrames are frames of several kinds, cut at several places.
func fuzzFrames() [][]byte {
	a4, b4 := netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("192.168.1.1:80")
	a6, b6 := netip.MustParseAddrPort("[fe80::1]:53"), netip.MustParseAddrPort("[2001:db8::1]:443")
	text := []byte("GET / HTTP/1.1\r\n\r\n")
	whole := [][]byte{
		traffic.TCP(a4, b4, packet.SYN, 1, 0, 500, nil),
		traffic.TCP(a4, b4, packet.ACK, 1, 1, 500, text, traffic.Tagged(1)),
		traffic.UDP(a6, b6, text),
		traffic.UDP(a4, b4, text),
		traffic.ICMP(a4.Addr(), b4.Addr(), 8, 0, 1, text),
		traffic.ICMP(a6.Addr(), b6.Addr(), 135, 0, 1, text),
		append([]byte("\xff\xff\xff\xff\xff\xff\x00\x11\x22\x33\x44\x55\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"), make([]byte, 24)...),
		append([]byte("\x01\x80\xc2\x00\x00\x00\x00\x11\x22\x33\x44\x55\x00\x26\x42\x42\x03"), make([]byte, 40)...),
		append([]byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\x88\x47\x00\x01\x01\x40"), whole4()...),
		append([]byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\x88\x64\x11\x00\x00\x01\x00\x3e\x00\x21"), whole4()...),
	}
	out := [][]byte{{}}
	for _, f := range whole {
		out = append(out, f, f[14:]) // the same as a raw frame
		for _, n := range []int{13, 15, 21, 24, 35, 37, 54} {
			out = append(out, f[:min(n, len(f))])
		}
	}
	return out
}

// whole4 is an IPv4 packet with options and a UDP header.
func whole4() []byte {
	return []byte("\x46\x00\x00\x20\x00\x00\x20\x00\x40\x11\x00\x00\x0a\x00\x00\x01\xc0\xa8\x01\x01\x01\x01\x01\x00\x9c\x40\x00\x50\x00\x08\x00\x00")
}

// FuzzParse: no panic, errors that point into the text, and for every expression
// that is accepted one verdict of decision list, our program in our machine and
// in that of golang.org/x/net.
func FuzzParse(f *testing.F) {
	for _, expr := range expressions(f) {
		f.Add(expr)
	}
	frames := fuzzFrames()
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		e, err := Parse(text)
		if err != nil {
			checkError(t, text, err)
			return
		}
		if again, err := Parse(e.String()); err != nil || again.String() != text {
			t.Fatalf("%q: %v the second time", text, err)
		}
		for _, d := range dlts {
			compiled, err := e.Compile(d.link)
			if err != nil {
				checkError(t, text, err)
				continue
			}
			agree(t, text+" on "+d.name, compiled, frames)
		}
		in, err := e.Inside()
		if err != nil {
			checkError(t, text, err)
			return
		}
		var w packet.Walker
		var v packet.View
		for _, frame := range frames {
			if w.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v) == packet.InFlow {
				in.Match(frame, packet.LinkEthernet, &v)
			}
		}
	})
}

// checkError holds that an error is an *Error for a part of the text.
func checkError(t *testing.T, text string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: %T %v", text, err, err)
	}
	if e.Pos < 1 || e.Pos > len(text)+1 || !strings.HasPrefix(text[e.Pos-1:], e.Token) || e.Reason == "" {
		t.Fatalf("%q: %+v", text, *e)
	}
	if utf8.ValidString(text) && !utf8.ValidString(e.Token) {
		t.Fatalf("%q: %q is cut", text, e.Token)
	}
}

// agree holds that all ways to run a filter say the same.
func agree(t *testing.T, what string, f *Filter, frames [][]byte) {
	t.Helper()
	vm := newMachine(t, f.Program())
	for _, frame := range frames {
		wire := uint32(len(frame))
		list, ours, theirs := f.Match(frame, wire), f.Program().Match(frame, wire), vm.match(t, frame)
		if list != ours || ours != theirs {
			t.Fatalf("%s: decision list %v, our machine %v, x/net %v on % x\n%s", what, list, ours, theirs, frame, f.Program().DDD())
		}
	}
}

// FuzzDDD: no panic, what is accepted ends, prints as it was read, and says what
// the machine of golang.org/x/net says where that takes it.
func FuzzDDD(f *testing.F) {
	for _, expr := range []string{"tcp port 80", "ip[2:2] > 100 or vlan 5", "host ::1", "len > 60", "tcp[tcpflags] & 2 != 0"} {
		e, err := Parse(expr)
		if err != nil {
			f.Fatal(err)
		}
		compiled, err := e.Compile(packet.LinkEthernet)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(compiled.Program().DDD())
	}
	f.Add("3\n5 0 0 4294967295\n22 0 0 0\n6 0 0 1\n")
	frames := fuzzFrames()
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseDDD(text)
		if err != nil {
			return
		}
		again, err := ParseDDD(p.DDD())
		if err != nil || again.DDD() != p.DDD() {
			t.Fatalf("%q: %v the second time", text, err)
		}
		runnable := takenByNet(p)
		for _, frame := range frames {
			got := p.Match(frame, uint32(len(frame)))
			if runnable {
				if want := newMachine(t, p).match(t, frame); got != want {
					t.Fatalf("%v, x/net %v:\n%s", got, want, p.DDD())
				}
			}
		}
	})
}

// takenByNet reports whether that machine can be asked: it has no LDX of a length
// and no jumps to statements that it leaves out, and wants jumps with targets.
func takenByNet(p Program) bool {
	for _, in := range p {
		if in.Op == classLoadX|modeLen || in.Op&classMask == classRet && in.Op != opReturn && in.Op != opReturn|0x10 {
			return false
		}
	}
	return true
}
