package where

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"pcapmill/outputs/ipnet"
)

// words are the texts, addresses and networks that a value is looked up in.
type words struct {
	texts  map[string]struct{}
	nets   []netip.Prefix
	binary bool // values are addresses of 4 or 16 bytes where they are any
}

// newWords takes literals apart: one that is a network, or an address, stands for
// the addresses in it, however they are written, and for itself as text; binary: what is neither
// for the bytes that its digits say.
func newWords(values []literal, binary bool) (*words, error) {
	w := &words{texts: make(map[string]struct{}, len(values)), binary: binary}
	for _, l := range values {
		if raw, err := hex.DecodeString(l.text); binary && err == nil { // digits beside addresses
			w.texts[string(raw)] = struct{}{}
		} else if !binary {
			w.texts[l.text] = struct{}{}
		}
		network, err := l.network()
		if err != nil {
			return nil, err
		}
		if network.IsValid() {
			w.nets = append(w.nets, network)
		}
	}
	return w, nil
}

func (w *words) has(s []byte) bool {
	if _, ok := w.texts[string(s)]; ok {
		return true
	}
	if len(w.nets) == 0 {
		return false
	}
	var addr netip.Addr
	if w.binary {
		addr, _ = netip.AddrFromSlice(s)
	} else if len(s) > 0 && len(s) <= maxAddress {
		addr, _ = netip.ParseAddr(string(s))
	}
	if !addr.IsValid() {
		return false
	}
	addr = addr.WithZone("")
	plain := addr.Unmap()
	for _, n := range w.nets {
		if n.Contains(plain) || n.Contains(addr) { // ::/0 has ::ffff:192.0.2.1
			return true
		}
	}
	return false
}

// maxAddress bounds the text that is tried as an address, a zone included.
const maxAddress = 64

// address reports whether the value reads as an address or a network.
func (l literal) address() bool {
	network, err := l.network()
	return err != nil || network.IsValid()
}

// network returns the addresses that the value stands for, the zero Prefix where it
// is only text. Bits behind the prefix are of no account.
func (l literal) network() (netip.Prefix, error) {
	left, length, sliced := strings.Cut(l.text, "/")
	addr, err := netip.ParseAddr(left)
	if err != nil {
		return netip.Prefix{}, nil // text
	}
	if !sliced {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(l.text)
	switch {
	case err == nil:
		return ipnet.Unmap(network).Masked(), nil
	case l.quoted || strings.ContainsAny(length, "/abcdefghijklmnopqrstuvwxyz"):
		return netip.Prefix{}, nil // text that begins like one, such as a URL
	}
	return netip.Prefix{}, fmt.Errorf("%q is no network: want an address, a slash and up to %d bits", l.text, addr.BitLen())
}
