package windows

import (
	"net/netip"
	"strconv"
)

// ServiceKey returns the key of an IP protocol and a port in Service and Served: tcp/443, or
// icmp where there is none.
func ServiceKey(protocol uint8, port uint16, ported bool) string {
	name := protocolName(uint32(protocol))
	if ported {
		name += "/" + strconv.Itoa(int(port))
	}
	return name
}

// EndpointKey returns the key of a responder and its service in Endpoint.
func EndpointKey(responder netip.Addr, protocol uint8, port uint16, ported bool) string {
	service := uint32(protocol) << portBits
	if ported {
		return endpoint(responder, service|uint32(port))
	}
	return endpoint(responder, service|portless)
}
