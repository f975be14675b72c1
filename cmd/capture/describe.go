package capture

import (
	"fmt"
	"net"
	"strings"

	"pcapmill/ingest/live"
)

// describe is what if_description says of an interface.
func describe(info *live.Info) string {
	var parts []string
	add := func(format string, value any, known bool) {
		if known {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add("driver %s", info.Driver, info.Driver != "")
	add("MTU %d", info.MTU, info.MTU != 0)
	add("%s time stamps", info.Timestamps, info.Timestamps != "")
	add("filter in %s", info.FilterIn, info.FilterIn != "")
	return strings.Join(parts, ", ")
}

// comment is what an interface's comment warns of.
func comment(info *live.Info) string {
	parts := info.Notes
	if len(info.Offloads) > 0 {
		parts = append([]string{"offloads change the sizes of packets: " + strings.Join(info.Offloads, ", ")}, parts...)
	}
	return strings.Join(parts, "; ")
}

// macOf returns an Ethernet address, zeros for anything else.
func macOf(s string) (mac [6]byte) {
	if b, err := net.ParseMAC(s); err == nil && len(b) == len(mac) {
		copy(mac[:], b)
	}
	return mac
}
