package baseline

import (
	"fmt"
	"net/netip"
	"strings"
)

// ParseKey reads what Key.String writes, and an address or prefix alone, which name a host
// or a subnet. The error is ErrConfig.
func ParseKey(s string) (Key, error) {
	kind, name, _ := strings.Cut(strings.TrimSpace(s), " ")
	name = strings.TrimSpace(name)
	k := Key("")
	switch {
	case kind == Global.String() && name == "":
		return GlobalKey(), nil
	case kind == Protocol.String():
		k = ProtocolKey(name)
	case kind == Label.String():
		k = LabelKey(name)
	case kind == Host.String():
		return parseHost(name)
	case kind == Subnet.String():
		return parseSubnet(name)
	case name == "" && strings.Contains(kind, "/"):
		return parseSubnet(kind)
	case name == "":
		return parseHost(kind)
	}
	if k == "" || k.Validate() != nil {
		return "", fmt.Errorf("%w: segment %q; want global, host ADDRESS, subnet PREFIX, protocol NAME or label NAME", ErrConfig, s)
	}
	return k, nil
}

func parseHost(s string) (Key, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", fmt.Errorf("%w: host %q is no address", ErrConfig, s)
	}
	return HostKey(a), nil
}

func parseSubnet(s string) (Key, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return "", fmt.Errorf("%w: subnet %q is no prefix", ErrConfig, s)
	}
	return SubnetKey(p), nil
}
