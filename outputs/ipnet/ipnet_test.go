package ipnet_test

import (
	"net/netip"
	"testing"

	"pcapmill/outputs/ipnet"
)

// TestUnmap: networks of IPv4 in IPv6 form are of IPv4, those that hold more than them are not.
func TestUnmap(t *testing.T) {
	for in, want := range map[string]string{
		"::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:10.0.0.1/128": "10.0.0.1/32", "::ffff:0.0.0.0/96": "0.0.0.0/0",
		"::ffff:10.1.2.3/104": "10.1.2.3/8", "::ffff:0.0.0.0/95": "::ffff:0.0.0.0/95", "::/0": "::/0",
		"10.0.0.0/8": "10.0.0.0/8", "2001:db8::/32": "2001:db8::/32",
	} {
		if got := ipnet.Unmap(netip.MustParsePrefix(in)); got != netip.MustParsePrefix(want) {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
	if got := ipnet.Unmap(netip.Prefix{}); got.IsValid() {
		t.Errorf("no prefix is %s", got)
	}
}
