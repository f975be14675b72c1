package flow

import (
	"net"
	"net/netip"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/ingest/packet"
)

// TestAppendAddr compares with netip, each byte at each place of an IPv4 address.
func TestAppendAddr(t *testing.T) {
	for at := range 4 {
		for x := range 256 {
			v4 := [4]byte{10, 200, 0, 99}
			v4[at] = byte(x)
			want := netip.AddrFrom4(v4)
			mapped := packet.Addr(want.As16())
			if got := string(AppendAddr([]byte("x"), &mapped, 4)); got != "x"+want.String() {
				t.Errorf("%s is written %s", want, got)
			}
			mapped[0] = 0x20
			if got := string(AppendAddr(nil, &mapped, 6)); got != netip.AddrFrom16(mapped).String() {
				t.Errorf("%v is written %s", mapped, got)
			}
		}
	}
}

// TestBothAddressForms fills a table with an address of each version.
func TestBothAddressForms(t *testing.T) {
	table, err := NewTable([]string{"core"}, AddrBoth)
	if err != nil {
		t.Fatal(err)
	}
	var rows []*Row
	addrs := []netip.Addr{netip.MustParseAddr("10.0.38.114"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:10.0.0.1")}
	for i, a := range addrs {
		r := new(Row)
		r.Key.Src, r.Key.Version = a.As16(), 6
		if i == 0 {
			r.Key.Version = 4
		}
		r.Key.Dst = r.Key.Src
		rows = append(rows, r)
	}
	b := batch.New(table.Schema)
	table.Fill(b, rows, nil, nil)
	for _, name := range []string{"src_ip", "dst_ip"} {
		text, raw := &b.Vectors[table.Schema.Index(name)], &b.Vectors[table.Schema.Index(name+"_binary")]
		for i, a := range addrs {
			if text.String(i) != a.String() || raw.String(i) != string(a.AsSlice()) {
				t.Errorf("%s of %s: %q, %x", name, a, text.String(i), raw.String(i))
			}
		}
	}
}

func TestAppendMAC(t *testing.T) {
	for x := range 256 {
		mac := net.HardwareAddr{byte(x), 0, 0x0f, 0xf0, 0xff, byte(^x)}
		if got := string(appendMAC([]byte("x"), mac)); got != "x"+mac.String() {
			t.Errorf("%s is written %s", mac, got)
		}
	}
}
