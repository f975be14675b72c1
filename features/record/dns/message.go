package dns

import "encoding/binary"

// Kind is a use of the format.
type Kind uint8

// The kinds.
const (
	DNS   Kind = iota
	MDNS       // port 5353
	LLMNR      // port 5355
	NBNS       // port 137
)

var kindNames = [...]string{"dns", "mdns", "llmnr", "nbns"}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// HeaderBytes is the length of the fixed header.
const HeaderBytes = 12

// Text is a stretch of a Message's texts.
type Text struct{ start, end int }

// Question is an entry of the question section.
type Question struct {
	Name    Text
	Type    uint16
	Class   uint16
	Unicast bool // mDNS: an answer to this address alone is asked for
}

// Record is a resource record.
type Record struct {
	Name      Text
	Type      uint16
	Class     uint16
	Flush     bool // mDNS: it replaces what is cached
	TTL       uint32
	Data      Text // presentation form of its data
	Malformed bool // the data is not of the type's form; Data is in the form for unknown types
}

// The sections that have resource records.
const (
	Answers = iota
	Authorities
	Additionals
)

// EDNS is the OPT pseudo-record (RFC 6891).
type EDNS struct {
	Present bool
	Version uint8
	UDPSize uint16
	DO      bool
	Options []uint16 // codes
	Subnet  Text     // client subnet (RFC 7871), as address/prefix; empty without one
}

// Message is a parsed message. Parse reuses its memory.
type Message struct {
	Kind      Kind
	ID        uint16
	Flags     uint16 // third and fourth byte of the header
	Rcode     uint16 // with the upper bits of EDNS
	Counts    [4]uint16
	Questions []Question
	Sections  [3][]Record
	EDNS      EDNS
	Trailing  int // bytes behind the last record

	bytes []byte
	texts []byte
	limit int // of texts, less what was written and taken back
	steps int // labels and pointers read, what tests hold to be linear

	failed Error // of the last name or record that could not be read
}

// Bits of Flags.
const (
	QR = 1 << 15
	AA = 1 << 10
	TC = 1 << 9
	RD = 1 << 8
	RA = 1 << 7
	Z  = 1 << 6
	AD = 1 << 5
	CD = 1 << 4
)

// Response reports whether the message is one.
func (m *Message) Response() bool { return m.Flags&QR != 0 }

// Has reports whether a bit of Flags is set that has its meaning of DNS in the message's
// kind. In LLMNR a conflict and a tentative name are where AA and RD are, and nothing behind
// (RFC 4795 §2.1.1); in NetBIOS a broadcast is where CD is (RFC 1002 §4.2.1.1).
func (m *Message) Has(flag uint16) bool {
	switch m.Kind {
	case LLMNR:
		flag &^= AA | RD | RA | AD | CD
	case NBNS:
		flag &^= AD | CD
	}
	return m.Flags&flag != 0
}

// Opcode returns the kind of query.
func (m *Message) Opcode() uint8 { return uint8(m.Flags >> 11 & 15) }

// Bytes returns a text, which the Message owns.
func (m *Message) Bytes(t Text) []byte { return m.texts[t.start:t.end] }

// arenaPerByte bounds what names and data come to: a name of 255 bytes, written as 1,004
// characters behind a pointer of two, makes 80 of a byte; real messages, two or three.
const arenaPerByte = 4

// Parse reads a message. It keeps nothing of b. On an error, a *Error, what comes
// before it is there.
func (m *Message) Parse(b []byte, kind Kind) error {
	m.reset(b, kind)
	section, entry, err := m.parse()
	m.bytes = nil
	if err == nil {
		return nil
	}
	failed := m.failed
	failed.Section, failed.Entry = section, entry
	return &failed
}

// parse reads what reset was given; on an error, section and entry say of what.
func (m *Message) parse() (section, entry int, err error) {
	b := m.bytes
	if len(b) < HeaderBytes {
		return 0, 0, m.fail(Header, len(b))
	}
	m.ID, m.Flags = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	m.Rcode = m.Flags & 15
	for i := range m.Counts {
		m.Counts[i] = binary.BigEndian.Uint16(b[4+2*i:])
	}
	at, err := m.questions(HeaderBytes)
	if err != nil {
		return 0, len(m.Questions), err
	}
	for s := range m.Sections {
		if at, err = m.section(s, at); err != nil {
			return s + 1, len(m.Sections[s]), err
		}
	}
	m.Trailing = len(b) - at
	return 0, 0, nil
}

func (m *Message) reset(b []byte, kind Kind) {
	m.Kind, m.bytes, m.texts, m.limit, m.steps = kind, b, m.texts[:0], minArena+arenaPerByte*len(b), 0
	m.ID, m.Flags, m.Rcode, m.Counts, m.Trailing = 0, 0, 0, [4]uint16{}, 0
	m.Questions = m.Questions[:0]
	for i := range m.Sections {
		m.Sections[i] = m.Sections[i][:0]
	}
	m.EDNS = EDNS{Options: m.EDNS.Options[:0]}
}

// minArena has room for a few names in the shortest message.
const minArena = 4096

func (m *Message) questions(at int) (int, error) {
	for range m.Counts[0] {
		name, next, err := m.name(at, m.Kind == NBNS)
		if err != nil {
			return at, err
		}
		if len(m.bytes)-next < 4 {
			return at, m.fail(Cut, at)
		}
		q := Question{Name: name, Type: binary.BigEndian.Uint16(m.bytes[next:]), Class: binary.BigEndian.Uint16(m.bytes[next+2:])}
		q.Unicast, q.Class = m.topBit(q.Class)
		m.Questions = append(m.Questions, q)
		at = next + 4
	}
	return at, nil
}

// topBit splits what mDNS says in a class's top bit off.
func (m *Message) topBit(class uint16) (bool, uint16) {
	if m.Kind != MDNS {
		return false, class
	}
	return class>>15 != 0, class &^ (1 << 15)
}

func (m *Message) section(s, at int) (int, error) {
	for range m.Counts[s+1] {
		name, next, err := m.name(at, m.Kind == NBNS)
		if err != nil {
			return at, err
		}
		if len(m.bytes)-next < 10 {
			return at, m.fail(Cut, at)
		}
		h := m.bytes[next:]
		r := Record{Name: name, Type: binary.BigEndian.Uint16(h), Class: binary.BigEndian.Uint16(h[2:]), TTL: binary.BigEndian.Uint32(h[4:])}
		length := int(binary.BigEndian.Uint16(h[8:]))
		if next += 10; len(m.bytes)-next < length {
			return at, m.fail(Cut, at)
		}
		if r.Type == typeOPT && s == Additionals && !m.EDNS.Present {
			m.opt(&r, next, next+length)
		} else {
			r.Flush, r.Class = m.topBit(r.Class)
			if err := m.data(&r, next, next+length); err != nil {
				return at, err
			}
		}
		m.Sections[s] = append(m.Sections[s], r)
		at = next + length
	}
	return at, nil
}
