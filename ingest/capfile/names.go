package capfile

import (
	"bytes"
	"cmp"
	"maps"
	"net/netip"
	"slices"
)

// Bounds of what is kept of name resolution blocks.
const (
	maxNames       = 100_000
	maxNamesBytes  = 8 << 20 // of all names
	maxNameBytes   = 255     // of one name: the longest that DNS allows
	maxPerAddress  = 64      // names of one record
	maxWholeBlock  = 1 << 20 // longer blocks without packets are stepped over
	recordHeader   = 4       // type and length of a name record
	nameRecordEnd  = 0
	nameRecordIPv4 = 1
	nameRecordIPv6 = 2
)

// Name is an address and a name for it, as a capture's name resolution blocks
// claim it. The name is of any bytes.
type Name struct {
	Address netip.Addr
	Name    string
}

// Names is a bounded set of names. The zero value is empty and ready.
type Names struct {
	set     map[Name]struct{}
	bytes   int
	LeftOut int64 // that did not fit: too many, too long
}

// Add adds a name unless it is there already or does not fit any more, and
// reports whether it did.
func (n *Names) Add(name Name) bool {
	if _, known := n.set[name]; known {
		return false
	}
	if len(name.Name) > maxNameBytes || len(n.set) >= maxNames || n.bytes+len(name.Name) > maxNamesBytes {
		n.LeftOut++
		return false
	}
	if n.set == nil {
		n.set = make(map[Name]struct{})
	}
	n.set[name] = struct{}{}
	n.bytes += len(name.Name)
	return true
}

// Len returns the number of names.
func (n *Names) Len() int { return len(n.set) }

// Sorted returns the names by address and then by name.
func (n *Names) Sorted() []Name {
	return slices.SortedFunc(maps.Keys(n.set), func(a, b Name) int {
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.Name, b.Name))
	})
}

// nameBlock takes a name resolution block.
func (r *Reader) nameBlock(block []byte) {
	list := block[8 : len(block)-4]
	for len(list) >= recordHeader {
		kind, length := r.ng.order.u16(list), int(r.ng.order.u16(list[2:]))
		if kind == nameRecordEnd {
			list = list[recordHeader:]
			break
		}
		end := recordHeader + padded(uint32(length))
		if end > len(list) {
			r.info.Odd[BadNames]++
			list = nil
			break
		}
		r.nameRecord(kind, list[recordHeader:recordHeader+length])
		list = list[end:]
	}
	r.described(len(block)-len(list), len(block))
	r.countComments(list)
}

// nameRecord takes one record: an address and names that end with a zero byte.
func (r *Reader) nameRecord(kind uint16, value []byte) {
	size := 0
	switch kind {
	case nameRecordIPv4:
		size = 4
	case nameRecordIPv6:
		size = 16
	default:
		return // hardware addresses, and what comes after this version
	}
	if len(value) < size {
		r.info.Odd[BadNames]++
		return
	}
	address, _ := netip.AddrFromSlice(value[:size])
	rest := value[size:]
	for range maxPerAddress {
		name, after, _ := bytes.Cut(rest, []byte{0})
		if len(name) > 0 {
			r.names.Add(Name{Address: address, Name: string(name)})
		}
		if rest = after; len(rest) == 0 {
			return
		}
	}
	r.names.LeftOut++
}
