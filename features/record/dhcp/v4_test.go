package dhcp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFixedFields(t *testing.T) {
	b := message4(opt4(optType, "\x01"))
	copy(b[atServer:], "server\x00ignored")
	copy(b[atFile:], "file")
	var m Message
	if err := m.Parse4(b); err != nil {
		t.Fatal(err)
	}
	f := &m.BOOTP
	got := fmt.Sprint(f.Op.Value, m.ClientHardware.Value, f.Hops.Value, m.ID.Value, m.Elapsed.Value, f.Flags.Value, f.ClientIP, f.YourIP, f.NextServer, f.RelayIP)
	if want := "1 1 2 305419896 3000 32768 [192 0 2 1] [192 0 2 2] [192 0 2 3] [192 0 2 4]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !bytes.Equal(m.ClientLink, []byte{2, 0, 0x5e, 0, 0x53, 1}) || string(m.ServerName) != "server" || string(m.BootFile) != "file" {
		t.Errorf("%x %q %q", m.ClientLink, m.ServerName, m.BootFile)
	}
}

// show writes what the options of a message of DHCPv4 say.
func show(m *Message) string {
	var s []string
	number := func(name string, n Number) {
		if n.Known {
			s = append(s, fmt.Sprintf("%s=%d", name, n.Value))
		}
	}
	text := func(name string, b []byte) {
		if b != nil {
			s = append(s, fmt.Sprintf("%s=%q", name, b))
		}
	}
	number("type", m.Type)
	text("client", m.ClientID)
	number("duid", m.Client.Type)
	text("duid link", m.Client.Link)
	text("server", m.ServerID)
	text("host", m.HostName)
	if m.FQDN != nil {
		text("fqdn", AppendName(nil, m.FQDN, m.FQDNForm))
	}
	text("domain", m.DomainName)
	text("file", m.BootFile)
	text("sname", m.ServerName)
	text("text", m.Text)
	text("requested", m.RequestedIP)
	text("mask", m.SubnetMask)
	text("routers", m.Routers)
	text("dns", m.NameServers)
	number("lease", m.LeaseTime)
	number("t1", m.Renewal)
	number("t2", m.Rebinding)
	number("max", m.MaxBytes)
	number("enterprise", m.VendorEnterprise)
	for _, v := range m.VendorClasses {
		text("vendor", v)
	}
	for _, v := range m.UserClasses {
		text("user", v)
	}
	text("circuit", m.CircuitID)
	text("remote", m.RemoteID)
	text("subscriber", m.SubscriberID)
	if len(m.Requested) > 0 {
		s = append(s, fmt.Sprint("asks", m.Requested))
	}
	if len(m.BadCodes) > 0 {
		s = append(s, fmt.Sprint("bad", m.BadCodes))
	}
	return strings.Join(s, " ")
}

func TestOptions4(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []string
		want    string
	}{
		{"none", nil, ""},
		{"numbers", []string{opt4(53, "\x03"), opt4(51, unhex("00015180")), opt4(58, unhex("0000a8c0")), opt4(59, unhex("00012750")), opt4(57, unhex("05dc"))}, "type=3 lease=86400 t1=43200 t2=75600 max=1500"},
		{"addresses", []string{opt4(1, "\xff\xff\xff\x00"), opt4(3, "abcd"), opt4(6, "abcdefgh"), opt4(50, "wxyz"), opt4(54, "stuv")}, `server="stuv" requested="wxyz" mask="\xff\xff\xff\x00" routers="abcd" dns="abcdefgh"`},
		{"addresses of no form", []string{opt4(1, "abc"), opt4(3, "abcde"), opt4(6, ""), opt4(50, "abcde")}, `bad[1 3 6 50]`},
		{"texts with zeros behind", []string{opt4(12, "host\x00\x00"), opt4(15, "example.org"), opt4(56, "no"), opt4(66, "tftp"), opt4(67, "boot"), opt4(60, "MSFT 5.0\x00")}, `host="host" domain="example.org" file="boot" sname="tftp" text="no" vendor="MSFT 5.0"`},
		{"empty text", []string{opt4(12, "\x00")}, `host="" bad[12]`},
		{"requests", []string{opt4(55, "\x01\x79\x03\x06")}, `asks[1 121 3 6]`},
		{"client of a hardware address", []string{opt4(61, "\x01abcdef")}, `client="\x01abcdef"`},
		{"client of one byte", []string{opt4(61, "\x01")}, `client="\x01" bad[61]`},
		{"client with a DUID", []string{opt4(61, "\xff0000"+unhex("0003 0001 02005e005301"))}, `client="\xff0000\x00\x03\x00\x01\x02\x00^\x00S\x01" duid=3 duid link="\x02\x00^\x00S\x01"`},
		{"user classes", []string{opt4(77, "\x03abc\x02de")}, `user="abc" user="de"`},
		{"user class without a length", []string{opt4(77, "iPXE")}, `user="iPXE"`},
		{"user class that only begins as with one", []string{opt4(77, "\x01ab")}, `user="\x01ab"`},
		{"name in characters", []string{opt4(81, "\x00\xff\xffa.example")}, `fqdn="a.example"`},
		{"name in characters with the last dot", []string{opt4(81, "\x00\xff\xffa.example.")}, `fqdn="a.example"`},
		{"name in labels", []string{opt4(81, "\x05\x00\x00\x01a\x07example\x00")}, `fqdn="a.example"`},
		{"name in labels, but part of one", []string{opt4(81, "\x04\x00\x00\x03a.b")}, `fqdn="a\\.b"`},
		{"name of no form", []string{opt4(81, "\x04\x00\x00\x03ab")}, `fqdn="\\003ab" bad[81]`},
		{"name without flags", []string{opt4(81, "\x04\x00")}, `bad[81]`},
		{"relay agent", []string{opt4(82, "\x01\x03c/1\x02\x01r\x06\x01s\x05\x04abcd")}, `circuit="c/1" remote="r" subscriber="s"`},
		{"relay agent that is cut", []string{opt4(82, "\x01\x03c/1\x02\x02r")}, `circuit="c/1" bad[82]`},
		{"vendor classes", []string{opt4(60, "v"), opt4(124, unhex("00000009 04 01 61 01 62 00000010 02 01 63"))}, `enterprise=9 vendor="v" vendor="a" vendor="b" vendor="c"`},
		{"vendor class that is cut", []string{opt4(124, unhex("00000009 02 02 61"))}, `enterprise=9 bad[124]`},
		{"relay agent without a length", []string{opt4(82, "\x01\x01c\x02")}, `circuit="c" bad[82]`},
		{"vendor classes without a length", []string{opt4(124, "\x00\x00\x00\x09\x00\x00\x00\x00\x01")}, `enterprise=9 bad[124]`},
		{"vendor classes that end within a vendor's", []string{opt4(124, "\x00\x00\x00\x09\x02\x00")}, `bad[124]`},
		{"user class of no length", []string{opt4(77, "\x01a\x00")}, `user="\x01a\x00"`},
		{"nothing in them", []string{opt4(55, ""), opt4(60, ""), opt4(61, ""), opt4(77, ""), opt4(81, "\x00\x00\x00")}, `client="" vendor="" bad[55 60 61 77]`},
		{"a DUID too short", []string{opt4(61, "\xffiaid\x00\x03")}, `client="\xffiaid\x00\x03" bad[61]`},
		{"overload of nothing", []string{opt4(52, "\x00")}, `bad[52]`},
		{"overload of two bytes", []string{opt4(52, "\x01\x01")}, `bad[52]`},
		{"type of nothing", []string{opt4(53, "\x00")}, `type=0 bad[53]`},
		{"type that there is not", []string{opt4(53, "\x6a")}, `type=106 bad[53]`},
		{"type twice", []string{opt4(53, "\x01"), opt4(53, "\x02")}, `type=1 bad[53]`},
		{"in pieces", []string{opt4(67, "/diskle"), opt4(12, "a"), opt4(67, "ss/foo"), opt4(12, "b"), opt4(67, "!")}, `host="ab" file="/diskless/foo!"`}, // as in RFC 3396 §6
		{"unknown", []string{opt4(224, "x"), "\x00\x00", opt4(80, "")}, ``},
	} {
		var m Message
		if err := m.Parse4(message4(c.options...)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := show(&m); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestOverload: options go on in the file, then in the server's name, whatever order
// these have in the message; without option 52 they hold texts.
func TestOverload(t *testing.T) {
	for over, want := range map[string]struct {
		shown string
		codes []uint16
	}{
		"":     {`type=1 host="a" file="\f\x01b\xff" sname="\f\x01c\xff"`, []uint16{53, 12}},
		"\x01": {`type=1 host="ab" sname="\f\x01c\xff"`, []uint16{52, 53, 12, 12}},
		"\x02": {`type=1 host="ac" file="\f\x01b\xff"`, []uint16{52, 53, 12, 12}},
		"\x03": {`type=1 host="abc"`, []uint16{52, 53, 12, 12, 12}},
		"\x04": {`type=1 host="a" file="\f\x01b\xff" sname="\f\x01c\xff" bad[52]`, []uint16{52, 53, 12}},
	} {
		options := []string{opt4(53, "\x01"), opt4(12, "a")}
		if over != "" {
			options = slices.Insert(options, 0, opt4(52, over))
		}
		b := message4(options...)
		copy(b[atFile:], opt4(12, "b")+"\xff")
		copy(b[atServer:], opt4(12, "c")+"\xff")
		var m Message
		if err := m.Parse4(b); err != nil {
			t.Errorf("overload %q: %v", over, err)
		}
		if got := show(&m); got != want.shown || !slices.Equal(m.Codes, want.codes) {
			t.Errorf("overload %q:\n got %s %v\nwant %s %v", over, got, m.Codes, want.shown, want.codes)
		}
	}
}

func TestMalformed4(t *testing.T) {
	whole := message4(opt4(53, "\x01"), opt4(12, "host"))
	noCookie := slices.Clone(whole)
	noCookie[atCookie]++
	overloaded := message4(opt4(52, "\x01"), opt4(12, "host"))
	copy(overloaded[atFile:], "\x0c\xff")
	for _, c := range []struct {
		name   string
		bytes  []byte
		reason Reason
		offset int
		shown  string
	}{
		{"empty", nil, Header, 0, ""},
		{"within the fixed fields", whole[:100], Header, 100, ""},
		{"another cookie", noCookie, Cookie, 236, ""},
		{"within an option", whole[:246], Cut, 243, "type=1"},
		{"behind a code", whole[:244], Cut, 243, "type=1"},
		{"within the file", overloaded, Cut, 108, `host="host"`},
	} {
		var m Message
		var e *Error
		if err := m.Parse4(c.bytes); !errors.As(err, &e) || *e != (Error{c.reason, c.offset}) {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := show(&m); got != c.shown {
			t.Errorf("%s: %s, want %s", c.name, got, c.shown)
		}
	}
}

// TestBOOTP: without options, or with zeros in their place, a message is one of BOOTP,
// which says in its fixed fields what to boot; an end is not asked for.
func TestBOOTP(t *testing.T) {
	noEnd := message4(opt4(12, "host"))
	for _, b := range [][]byte{fixed4(), append(fixed4(), make([]byte, 64)...), noEnd[:len(noEnd)-1]} {
		var m Message
		copy(b[atServer:], "server")
		copy(b[atFile:], "file")
		if err := m.Parse4(b); err != nil || m.Type.Known || string(m.AppendTypeName(nil)) != "BOOTREQUEST" {
			t.Errorf("%d bytes: %v, %s", len(b), err, m.AppendTypeName(nil))
		}
		if string(m.ServerName) != "server" || string(m.BootFile) != "file" {
			t.Errorf("%d bytes: boots %q from %q", len(b), m.BootFile, m.ServerName)
		}
	}
}
