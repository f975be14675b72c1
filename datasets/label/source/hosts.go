package source

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/outputs/ipnet"
)

// host reads an address, or a network as 10.0.0.0/8. IPv4 in IPv6 clothes is IPv4.
func host(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := address(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%s is no network", quoted(s))
	}
	if p = ipnet.Unmap(p); p != p.Masked() {
		return p, fmt.Errorf("%s has address bits behind its length: want %s", quoted(s), p.Masked())
	}
	return p, nil
}

// portRange reads 80 or 8000-8100.
func portRange(s string) (label.PortRange, error) {
	first, last, two := strings.Cut(s, "-")
	a, err := strconv.ParseUint(strings.TrimSpace(first), 10, 16)
	b := a
	if err == nil && two {
		b, err = strconv.ParseUint(strings.TrimSpace(last), 10, 16)
	}
	if err != nil || a > b {
		return label.PortRange{}, fmt.Errorf("%s is no port or range such as 80 or 8000-8100", quoted(s))
	}
	return label.PortRange{First: uint16(a), Last: uint16(b)}, nil
}
