package baseline

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Kind is that of a segment.
type Kind byte

// The kinds.
const (
	Global   Kind = iota // every window
	Protocol             // windows with the tag of a protocol
	Subnet               // windows of the hosts in a prefix
	Host                 // windows of a host
	Label                // windows with the tag of a label
)

var kindNames = [...]string{"global", "protocol", "subnet", "host", "label"}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Key names a segment: the byte of its Kind, and a name, an address of 4 or 16 bytes, or a
// prefix (its length, then the address). Keys order by bytes.
type Key string

// GlobalKey is the segment of all windows.
func GlobalKey() Key { return Key([]byte{byte(Global)}) }

// ProtocolKey is that of a protocol's windows.
func ProtocolKey(name string) Key { return Key(append([]byte{byte(Protocol)}, name...)) }

// LabelKey is that of a label's windows.
func LabelKey(name string) Key { return Key(append([]byte{byte(Label)}, name...)) }

// HostKey is that of a host's windows.
func HostKey(host netip.Addr) Key {
	return Key(append([]byte{byte(Host)}, plain(host).AsSlice()...))
}

// SubnetKey is that of the windows of all hosts in a prefix, of any length.
func SubnetKey(p netip.Prefix) Key {
	p = p.Masked()
	return Key(append([]byte{byte(Subnet), byte(p.Bits())}, p.Addr().AsSlice()...))
}

// SubnetOf returns the usual subnet of a host: /24 of IPv4, /64 of IPv6.
func SubnetOf(host netip.Addr) Key {
	host = plain(host)
	bits := 64
	if host.Is4() {
		bits = 24
	}
	return SubnetKey(netip.PrefixFrom(host, bits))
}

// plain takes IPv4 out of IPv6, and leaves out zones.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Kind returns the kind of a valid Key.
func (k Key) Kind() Kind { return Kind(k[0]) }

// Validate reports bytes that name no segment.
func (k Key) Validate() error {
	bad := fmt.Errorf("%w: segment key %q", ErrConfig, string(k))
	if k == "" || k[0] > byte(Label) {
		return bad
	}
	rest := string(k[1:])
	switch k.Kind() {
	case Global:
		if rest != "" {
			return bad
		}
	case Protocol, Label:
		if !validName(rest) {
			return bad
		}
	case Host:
		if a, ok := netip.AddrFromSlice([]byte(rest)); !ok || a != plain(a) {
			return bad
		}
	case Subnet:
		if p := k.prefix(); !p.IsValid() || SubnetKey(p) != k {
			return bad
		}
	}
	return nil
}

// String returns kind and name, as host 10.0.0.1.
func (k Key) String() string {
	switch {
	case k.Validate() != nil:
		return fmt.Sprintf("invalid %q", string(k))
	case k.Kind() == Global:
		return "global"
	}
	return k.Kind().String() + " " + k.Name()
}

// Name returns what a valid Key names within its Kind: an address, a prefix, a protocol or
// a label; nothing of all windows.
func (k Key) Name() string {
	switch k.Kind() {
	case Host:
		return k.host().String()
	case Subnet:
		return k.prefix().String()
	}
	return string(k[1:])
}

func (k Key) host() netip.Addr {
	a, _ := netip.AddrFromSlice([]byte(k[1:]))
	return a
}

// prefix returns that of a subnet's key, or one that is not valid.
func (k Key) prefix() netip.Prefix {
	if len(k) < 2 {
		return netip.Prefix{}
	}
	a, _ := netip.AddrFromSlice([]byte(k[2:]))
	return netip.PrefixFrom(a, int(k[1]))
}

// tagSet are the protocols and labels of a window as one string: each with a byte of its
// length before it, ascending.
type tagSet string

func tagsOf(keys []Key) (tagSet, error) {
	if len(keys) == 0 {
		return "", nil
	}
	sorted := slices.Clone(keys)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	if len(sorted) > MaxTags {
		return "", fmt.Errorf("%w: %d tags", ErrRow, len(sorted))
	}
	var b strings.Builder
	for _, k := range sorted {
		if !k.tag() {
			return "", fmt.Errorf("%w: %v is no tag", ErrRow, k)
		}
		b.WriteByte(byte(len(k) - 1))
		b.WriteString(string(k))
	}
	return tagSet(b.String()), nil
}

// tag reports whether a Key is a protocol or label, which the host does not imply.
func (k Key) tag() bool {
	return k.Validate() == nil && (k.Kind() == Protocol || k.Kind() == Label)
}

// keys returns the tags, or false for a string that is no tagSet.
func (s tagSet) keys() (keys []Key, ok bool) {
	for rest := string(s); rest != ""; {
		n := int(rest[0]) + 2
		if n > len(rest) || len(keys) == MaxTags {
			return nil, false
		}
		k := Key(rest[1:n])
		if !k.tag() || len(keys) > 0 && k <= keys[len(keys)-1] {
			return nil, false
		}
		keys, rest = append(keys, k), rest[n:]
	}
	return keys, true
}
