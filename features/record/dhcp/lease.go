package dhcp

import "encoding/binary"

// The lengths before the options of identity associations and their leases (RFC 8415
// §21.4 to §21.6, §21.21, §21.22).
const (
	longAssociation  = 12 // with the times T1 and T2
	shortAssociation = 4
	addressLease     = 24
	prefixLease      = 25
)

// association reads an identity association and its addresses or prefixes.
func (m *Message) association(code uint16, v []byte) bool {
	l, fixed, want := Lease{}, longAssociation, uint16(opt6Address)
	switch code {
	case opt6Temporary:
		l.Kind, fixed = Temporary, shortAssociation
	case opt6Delegation:
		l.Kind, want = Prefix, opt6Prefix
	}
	if len(v) < fixed {
		return false
	}
	l.IAID = binary.BigEndian.Uint32(v)
	if fixed == longAssociation && !m.Renewal.Known {
		m.Renewal, m.Rebinding = known(uint64(binary.BigEndian.Uint32(v[4:]))), known(uint64(binary.BigEndian.Uint32(v[8:])))
	}
	ok := true
	o := options{bytes: v, at: fixed}
	for m.next(&o) {
		switch o.code {
		case want:
			ok = m.lease(l, o.value) && ok
		case opt6Status:
			ok = m.leaseStatus(o.value) && ok
		}
	}
	return ok && o.failed(0) == nil
}

// lease reads an address or prefix of the association that l is of.
func (m *Message) lease(l Lease, v []byte) bool {
	fixed := addressLease
	if l.Kind == Prefix {
		fixed = prefixLease
	}
	if len(v) < fixed {
		return false
	}
	if l.Kind == Prefix {
		l.Preferred, l.Valid, l.Bits, l.Addr = binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:]), v[8], v[9:25]
	} else {
		l.Addr, l.Bits, l.Preferred, l.Valid = v[:16], 128, binary.BigEndian.Uint32(v[16:]), binary.BigEndian.Uint32(v[20:])
	}
	m.Leases = append(m.Leases, l)
	ok := l.Bits <= 128
	o := options{bytes: v, at: fixed}
	for m.next(&o) {
		if o.code == opt6Status {
			ok = m.leaseStatus(o.value) && ok
		}
	}
	return ok && o.failed(0) == nil
}

// leaseStatus takes the status of an association or lease where there is none yet.
func (m *Message) leaseStatus(v []byte) bool {
	if m.Status.Known {
		return len(v) >= 2
	}
	return m.status(v)
}
