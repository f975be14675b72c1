package dhcp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// show6 writes what the options of a message of DHCPv6 say.
func show6(m *Message) string {
	s := []string{show(m)}
	if m.Status.Known {
		s = append(s, fmt.Sprintf("status=%d %s", m.Status.Value, m.AppendStatusName(nil)))
	}
	if m.Elapsed.Known {
		s = append(s, fmt.Sprintf("elapsed=%d", m.Elapsed.Value))
	}
	if m.ClientLink != nil {
		s = append(s, fmt.Sprintf("link=%d/%x", m.ClientHardware.Value, m.ClientLink))
	}
	for _, l := range m.Leases {
		s = append(s, fmt.Sprintf("%s%d %x/%d %d %d", l.Kind, l.IAID, l.Addr, l.Bits, l.Preferred, l.Valid))
	}
	return strings.TrimSpace(strings.Join(s, " "))
}

const (
	duidLL  = "\x00\x03\x00\x01\x02\x00\x5e\x00\x53\x01"
	address = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"
)

func TestOptions6(t *testing.T) {
	times := unhex("00000064 000000c8")
	for _, c := range []struct {
		name    string
		options []string
		want    string
	}{
		{"none", nil, "type=1"},
		{"identifiers", []string{opt6(1, duidLL), opt6(2, unhex("0001 0001 00000005 0a0b0c0d0e0f"))}, `type=1 client="\x00\x03\x00\x01\x02\x00^\x00S\x01" duid=3 duid link="\x02\x00^\x00S\x01" server="\x00\x01\x00\x01\x00\x00\x00\x05\n\v\f\r\x0e\x0f" link=1/02005e005301`},
		{"a client twice", []string{opt6(1, duidLL), opt6(1, duidLL+"x")}, `type=1 client="\x00\x03\x00\x01\x02\x00^\x00S\x01" duid=3 duid link="\x02\x00^\x00S\x01" bad[1] link=1/02005e005301`},
		{"requests", []string{opt6(6, unhex("0017 0018 0102"))}, "type=1 asks[23 24 258]"},
		{"time twice", []string{opt6(8, unhex("0102")), opt6(8, unhex("0203"))}, "type=1 bad[8] elapsed=2580"},
		{"boot file twice", []string{opt6(59, "a"), opt6(59, "b")}, `type=1 file="a" bad[59]`},
		{"requests twice", []string{opt6(6, unhex("0017")), opt6(6, unhex("0018"))}, "type=1 asks[23] bad[6]"},
		{"vendor classes twice", []string{opt6(16, unhex("00000137 0001 61")), opt6(16, unhex("00000009 0001 62"))}, `type=1 enterprise=311 vendor="a" vendor="b"`},
		{"status of a query of many", []string{opt6(13, "\x00\x0b")}, `type=1 text="" status=11 QueryTerminated`},
		{"status of failover", []string{opt6(13, "\x00\x16"), opt6(13, "\x00\x00")}, `type=1 text="" bad[13] status=22 ExcessiveTimeSkew`},
		{"status without a name", []string{opt6(13, "\x00\x17")}, `type=1 text="" status=23 23`},
		{"requests of no form", []string{opt6(6, unhex("0017 00"))}, "type=1 asks[23] bad[6]"},
		{"time", []string{opt6(8, unhex("0102"))}, "type=1 elapsed=2580"},
		{"address", []string{opt6(3, unhex("00000009"), times, opt6(5, address, times))}, "type=1 t1=100 t2=200 na9 20010db8000000000000000000000007/128 100 200"},
		{"temporary", []string{opt6(4, unhex("00000009"), opt6(5, address, times), opt6(5, address, times, opt6(13, "\x00\x04x")))}, `type=1 text="x" status=4 NotOnLink ta9 20010db8000000000000000000000007/128 100 200 ta9 20010db8000000000000000000000007/128 100 200`},
		{"prefix", []string{opt6(25, unhex("0000000a"), times, opt6(26, times, "\x38", address))}, "type=1 t1=100 t2=200 pd10 20010db8000000000000000000000007/56 100 200"},
		{"prefix of too many bits", []string{opt6(25, unhex("0000000a"), times, opt6(26, times, "\x81", address))}, "type=1 t1=100 t2=200 bad[25] pd10 20010db8000000000000000000000007/129 100 200"},
		{"association that is cut", []string{opt6(3, unhex("00000009"), times, opt6(5, address, times)[:20])}, "type=1 t1=100 t2=200 bad[3]"},
		{"its status", []string{opt6(3, unhex("00000009"), times, opt6(13, "\x00\x02none"))}, `type=1 text="none" t1=100 t2=200 status=2 NoAddrsAvail`},
		{"the message's own goes first", []string{opt6(3, unhex("00000009"), times, opt6(13, "\x00\x02none")), opt6(13, "\x00\x00")}, `type=1 text="" t1=100 t2=200 status=0 Success`},
		{"classes", []string{opt6(15, "\x00\x01a\x00\x02bc"), opt6(16, unhex("00000137"), "\x00\x08MSFT 5.0")}, `type=1 enterprise=311 vendor="MSFT 5.0" user="a" user="bc"`},
		{"classes of no form", []string{opt6(15, "abc"), opt6(16, "abc")}, `type=1 bad[15 16]`},
		{"name", []string{opt6(39, "\x01\x04host\x07example\x00")}, `type=1 fqdn="host.example"`},
		{"part of a name", []string{opt6(39, "\x00\x04host")}, `type=1 fqdn="host"`},
		{"name that points elsewhere", []string{opt6(39, "\x00\x04host\xc0\x00")}, `type=1 fqdn="\\004host\\192\\000" bad[39]`},
		{"others", []string{opt6(23, address, address), opt6(59, "http://x")}, fmt.Sprintf(`type=1 file="http://x" dns=%q`, address+address)},
	} {
		var m Message
		if err := m.Parse6(message6(1, c.options...)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := show6(&m); got != c.want || m.ID.Value != 0x123456 || len(m.Codes) != len(c.options) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestBadOptions6: values of the least length that has their form, and ones a byte shorter.
func TestBadOptions6(t *testing.T) {
	iaid, times, label := "abcd", "aaaabbbb", func(n int) string { return string([]byte{byte(n)}) + strings.Repeat("x", n) }
	na := func(inner ...string) string { return opt6(3, append([]string{iaid, times}, inner...)...) }
	prefix := func(bits byte, inner ...string) string {
		return opt6(25, iaid, times, opt6(26, append([]string{times, string([]byte{bits}), address}, inner...)...))
	}
	lease := func(inner ...string) string { return opt6(5, append([]string{address, times}, inner...)...) }
	for name, c := range map[string]struct {
		good, bad string
		code      uint16
	}{
		"client of a link and a time":     {opt6(1, "\x00\x01\x00\x01timeL"), opt6(1, "\x00\x01\x00\x01time"), 1},
		"client of a vendor":              {opt6(1, "\x00\x02\x00\x00\x00\x09v"), opt6(1, "\x00\x02\x00\x00\x00\x09"), 1},
		"server once":                     {opt6(2, duidLL), opt6(2, duidLL) + opt6(2, duidLL), 2},
		"server":                          {opt6(2, "\x00\x03\x00\x01L"), opt6(2, "\x00\x03\x00\x01"), 2},
		"association":                     {na(), opt6(3, iaid, times[1:]), 3},
		"temporary association":           {opt6(4, iaid), opt6(4, iaid[1:]), 4},
		"delegation":                      {opt6(25, iaid, times), opt6(25, iaid, times[1:]), 25},
		"address":                         {na(lease()), na(opt6(5, address, times[1:])), 3},
		"address, the first of two":       {na(lease(), lease()), na(opt6(5, address), lease()), 3},
		"what is behind an address":       {na(lease(opt6(99))), na(lease("\x00\x63\x00")), 3},
		"status of an address":            {na(lease(opt6(13, "\x00\x02"))), na(lease(opt6(13, "\x02"))), 3},
		"status of one address of two":    {na(lease(opt6(13, "\x00\x02")), lease(opt6(13, "\x00\x02"))), na(lease(opt6(13, "\x00\x02")), lease(opt6(13, "\x02"))), 3},
		"status of an address, the first": {na(lease(opt6(13, "\x00\x02"), opt6(13, "\x00\x02"))), na(lease(opt6(13, "\x02"), opt6(13, "\x00\x02"))), 3},
		"status of an association":        {na(opt6(13, "\x00\x02"), lease()), na(opt6(13, "\x02"), lease()), 3},
		"a later status of it":            {na(opt6(13, "\x00\x02"), opt6(13, "\x00\x03")), na(opt6(13, "\x00\x02"), opt6(13, "\x03")), 3},
		"prefix":                          {prefix(128), prefix(129), 25},
		"prefix without its last byte":    {prefix(0), opt6(25, iaid, times, opt6(26, times, "\x00", address[1:])), 25},
		"requests":                        {opt6(6), opt6(6, "\x17"), 6},
		"time":                            {opt6(8, "ab"), opt6(8, "a"), 8},
		"time, longer":                    {opt6(8, "ab"), opt6(8, "abc"), 8},
		"status":                          {opt6(13, "\x00\x02"), opt6(13, "\x02"), 13},
		"user class":                      {opt6(15, "\x00\x01a"), opt6(15, "\x00\x01"), 15},
		"user class without a length":     {opt6(15, "\x00\x00"), opt6(15, "\x00"), 15},
		"vendor class":                    {opt6(16, "vend"), opt6(16, "ven"), 16},
		"name servers":                    {opt6(23, address), opt6(23, address[1:]), 23},
		"no name servers":                 {opt6(23, address), opt6(23), 23},
		"name":                            {opt6(39, "\x00"), opt6(39), 39},
		"label":                           {opt6(39, "\x00", label(63)), opt6(39, "\x00", label(64)), 39},
		"label's end":                     {opt6(39, "\x00", label(5)), opt6(39, "\x00", label(5)[:5]), 39},
		"root":                            {opt6(39, "\x00", label(5), "\x00"), opt6(39, "\x00", label(5), "\x00x"), 39},
		"long name":                       {opt6(39, "\x00", strings.Repeat(label(50), 5)), opt6(39, "\x00", strings.Repeat(label(50), 5), "\x00"), 39},
		"boot file":                       {opt6(59, "f"), opt6(59), 59},
	} {
		var m Message
		if err := m.Parse6(message6(1, c.good)); err != nil || len(m.BadCodes) != 0 {
			t.Errorf("%s: bad options %v, %v", name, m.BadCodes, err)
		}
		if err := m.Parse6(message6(1, c.bad)); err != nil || !slices.Equal(m.BadCodes, []uint16{c.code}) {
			t.Errorf("%s: bad options %v, %v: want %d", name, m.BadCodes, err, c.code)
		}
	}
	for name, c := range map[string]struct {
		good, bad string
		code      uint16
	}{
		"remote ID":      {opt6(37, "vend"), opt6(37, "ven"), 37},
		"client's link":  {opt6(79, "\x00\x01L"), opt6(79, "\x00\x01"), 79},
		"second circuit": {opt6(18, "x"), opt6(18, "x") + opt6(18, "y"), 18},
		"second link":    {opt6(79, "\x00\x01L"), opt6(79, "\x00\x01L") + opt6(79, "\x00\x01L"), 79},
		"second message": {"", opt6(9, string(message6(2))), 9},
	} {
		var m Message
		if err := m.Parse6(relay6(0, message6(1), c.good)); err != nil || len(m.BadCodes) != 0 || m.Type.Value != 1 {
			t.Errorf("%s: bad options %v, %v", name, m.BadCodes, err)
		}
		b := append(relay6(0, message6(1)), c.bad...)
		if err := m.Parse6(b); err != nil || !slices.Equal(m.BadCodes, []uint16{c.code}) || m.Type.Value != 1 {
			t.Errorf("%s: bad options %v, %v: want %d", name, m.BadCodes, err, c.code)
		}
	}
}

// TestDUID has the example of RFC 8415 §11.3.
func TestDUID(t *testing.T) {
	for _, c := range []struct {
		bytes string
		want  string
		ok    bool
	}{
		{"\x00\x02\x00\x00\x00\x09\x0c\xc0\x84\xd3\x03\x00\x09\x12", "{{2 true} {0 false} {0 false} {9 true} []}", true},
		{unhex("0001 0006 29abcdef 0a0b"), "{{1 true} {6 true} {699125231 true} {0 false} [10 11]}", true},
		{duidLL, "{{3 true} {1 true} {0 false} {0 false} [2 0 94 0 83 1]}", true},
		{"\x00\x04" + strings.Repeat("u", 16), "{{4 true} {0 false} {0 false} {0 false} []}", true},
		{"\x00\x03\x00\x01", "{{3 true} {0 false} {0 false} {0 false} []}", false},
		{"\x00\x00abc", "{{0 true} {0 false} {0 false} {0 false} []}", false},
		{"\x00\x04", "{{0 false} {0 false} {0 false} {0 false} []}", false},
		{"\x00\x04" + strings.Repeat("u", 129), "{{0 false} {0 false} {0 false} {0 false} []}", false},
	} {
		var d DUID
		if ok := d.parse([]byte(c.bytes)); ok != c.ok || fmt.Sprint(d) != c.want {
			t.Errorf("%x: %v %v, want %s %v", c.bytes, d, ok, c.want, c.ok)
		}
	}
}

func TestRelays(t *testing.T) {
	inner := relay6(0, message6(1, opt6(1, duidLL)), opt6(18, "eth1"), opt6(79, "\x00\x01mac-ad"), opt6(37, "\x00\x00\x00\x09id"))
	b := relay6(1, inner, opt6(18, "outer"), opt6(38, "sub"))
	var m Message
	if err := m.Parse6(b); err != nil {
		t.Fatal(err)
	}
	if len(m.Relays) != 2 || m.Relays[0].Hops != 1 || m.Relays[1].Hops != 0 || m.Relays[1].Link[15] != 1 || m.Relays[1].Peer[15] != 2 {
		t.Errorf("%+v", m.Relays)
	}
	if m.Type.Value != 1 || string(m.CircuitID) != "eth1" || string(m.RemoteID) != "id" || m.RemoteEnterprise.Value != 9 || string(m.SubscriberID) != "sub" {
		t.Errorf("%+v", m)
	}
	if !slices.Equal(m.Codes, []uint16{1}) || !bytes.Equal(m.ClientLink, []byte("mac-ad")) || m.Client.Type.Value != 3 {
		t.Errorf("%v %q %+v", m.Codes, m.ClientLink, m.Client)
	}
}

func TestMalformed6(t *testing.T) {
	whole := message6(1, opt6(1, duidLL), opt6(8, "ab"))
	deep := whole
	for range maxRelays + 1 {
		deep = relay6(0, deep)
	}
	for _, c := range []struct {
		name   string
		bytes  []byte
		reason Reason
		offset int
		codes  int
	}{
		{"empty", nil, Header, 0, 0},
		{"short", whole[:3], Header, 3, 0},
		{"type", []byte{0, 1, 2, 3}, Kind, 0, 0},
		{"within an option", whole[:len(whole)-1], Cut, 18, 1},
		{"within an option's head", whole[:len(whole)-3], Cut, 18, 1},
		{"relay without its addresses", relay6(0, whole)[:33], Header, 33, 0},
		{"relayed, within an option", relay6(0, whole[:len(whole)-1], opt6(18, "x")), Cut, 34 + 5 + 4 + 18, 1},
		{"relayed, and cut itself", relay6(0, whole)[:40], Cut, 34, 0},
		{"relayed, with nothing in it", relay6(0, nil), Header, 38, 0},
		{"relayed, with bytes behind it", append(relay6(0, whole), 0), Cut, 34 + 4 + len(whole), 2},
		{"relayed, and cut behind an option", relay6(0, whole)[:34+4+4+4+len(duidLL)], Cut, 34, 1},
		{"relayed twice, and cut", relay6(1, relay6(0, whole))[:34+4+34+4+4+4+len(duidLL)], Cut, 34, 1},
		{"relayed too often", deep, Nesting, maxRelays * 38, 0},
	} {
		var m Message
		var e *Error
		if err := m.Parse6(c.bytes); !errors.As(err, &e) || *e != (Error{c.reason, c.offset}) || len(m.Codes) != c.codes {
			t.Errorf("%s: %v, %d options", c.name, err, len(m.Codes))
		}
	}
}

// TestRelayWithoutMessage: a relay's message may lack the one that it should carry.
func TestRelayWithoutMessage(t *testing.T) {
	var m Message
	b := relay6(0, nil, opt6(18, "x"))
	if err := m.Parse6(b[:len(b)-4]); err != nil || m.Type.Value != typeRelayForward || m.ID.Known {
		t.Errorf("%v %+v", err, m)
	}
}
