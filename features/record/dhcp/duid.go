package dhcp

import "encoding/binary"

// DUID is a DHCP unique identifier (RFC 8415 §11).
type DUID struct {
	Type       Number // 1 link-layer address and time, 2 vendor, 3 link-layer address, 4 UUID
	Hardware   Number // of types 1 and 3
	Time       Number // of type 1: seconds since 2000
	Enterprise Number // of type 2
	Link       []byte // link-layer address of types 1 and 3
}

// The types with fields of their own.
const (
	duidLinkTime = 1
	duidVendor   = 2
	duidLink     = 3
)

// maxDUID is the longest identifier, its type included (RFC 8415 §11.1).
const maxDUID = 130

// parse reads an identifier; false where it is not of its type's form.
func (d *DUID) parse(b []byte) bool {
	if len(b) < 3 || len(b) > maxDUID {
		return false
	}
	typ := binary.BigEndian.Uint16(b)
	d.Type = known(uint64(typ))
	switch {
	case typ == duidLinkTime && len(b) > 8:
		d.Hardware, d.Time, d.Link = known(uint64(binary.BigEndian.Uint16(b[2:]))), known(uint64(binary.BigEndian.Uint32(b[4:]))), b[8:]
	case typ == duidVendor && len(b) > 6:
		d.Enterprise = known(uint64(binary.BigEndian.Uint32(b[2:])))
	case typ == duidLink && len(b) > 4:
		d.Hardware, d.Link = known(uint64(binary.BigEndian.Uint16(b[2:]))), b[4:]
	default:
		return typ > duidLink
	}
	return true
}
