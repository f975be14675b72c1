package flow

import (
	"net"
	"net/netip"
	"testing"

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
			if got := string(appendAddr([]byte("x"), &mapped, 4)); got != "x"+want.String() {
				t.Errorf("%s is written %s", want, got)
			}
			mapped[0] = 0x20
			if got := string(appendAddr(nil, &mapped, 6)); got != netip.AddrFrom16(mapped).String() {
				t.Errorf("%v is written %s", mapped, got)
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
