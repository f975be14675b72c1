package record

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/features/flow"
)

// Protocol is a kind of record.
type Protocol struct {
	Name string // of the table and of --records
	Doc  string
	With string // the protocol whose parser makes these records too; empty: its own
	new  func(*Tables) (Parser, error)
}

// Protocols lists what records there are, in the order of --records all.
func Protocols() []Protocol {
	return []Protocol{dnsProtocol, tlsProtocol, quicProtocol, httpProtocol, sshProtocol, dhcpProtocol, x509Protocol}
}

// Parser makes the records of one protocol. It belongs to one shard; what it knows of a
// flow is in the flow's Conversation. It implements DatagramParser, StreamParser or both.
type Parser interface {
	// Hinted reports whether ports speak for the protocol. Datagrams of others are looked
	// at only where a flow begins.
	Hinted(src, dst uint16) bool
}

// DatagramParser makes records of what UDP carries.
type DatagramParser interface {
	Parser
	// Recognise reports whether the payload of a datagram, of whose packet the FlowID need
	// not be known yet, is of the protocol.
	Recognise(p *Packet) bool
	// Datagram adds the records of a datagram of a flow of which one was recognised. On an
	// error, what could be read is there all the same.
	Datagram(c *Conversation, p *Packet, out *Rows) error
}

// Answer is what the first bytes of a stream say.
type Answer uint8

// The answers.
const (
	No      Answer = iota
	Perhaps        // more bytes would tell
	Yes
)

// StreamParser makes records of what TCP carries. The bytes of a direction come in order
// and without a copy where the segments did; what a parser does not use is kept for it.
type StreamParser interface {
	Parser
	// Begins says whether the first bytes of a direction are of the protocol. Perhaps is
	// asked again with more, up to MaxHead bytes.
	Begins(head []byte, p *Packet) Answer
	// Stream reads the bytes of the direction p.Side that it has not used yet. p is the
	// packet that brought the last of them. It returns how many it has used, more than
	// there are where the following ones are to be skipped, and how many, unused ones
	// included, there must be before it is called again; 0 is any more. ErrDone ends the
	// direction, any other error both: the parser is detached from the flow.
	Stream(c *Conversation, p *Packet, data []byte, out *Rows) (used, need int, err error)
	// Gap says that, behind the bytes that were not used, n bytes are missing, and reports
	// whether the parser can go on behind them. Unused bytes are dropped. Where n bytes
	// were to be skipped anyway it is not called.
	Gap(c *Conversation, p *Packet, n int64) bool
}

// Limits of what is kept of a direction for a StreamParser.
const (
	MaxHead   = 64      // bytes that recognition looks at
	MaxUnused = 1 << 16 // unused bytes: a parser that needs more is detached
)

// Errors of Stream that are no errors of the message.
var (
	ErrDone   = errors.New("nothing more of the direction is of interest")
	ErrSwitch = errors.New("another protocol begins") // of both directions, behind what was used
)

// The words of --records beside names.
const (
	All  = "all"
	None = "none"
)

// Select returns the protocols with the given names, in the order of Protocols; "all",
// which is what no name comes to, for all and "none" for none.
func Select(names []string) ([]Protocol, error) {
	known := Protocols()
	if len(names) == 0 || slices.Equal(names, []string{All}) {
		return known, nil
	}
	if slices.Equal(names, []string{None}) {
		return nil, nil
	}
	var chosen []Protocol
	for _, p := range known {
		if slices.Contains(names, p.Name) {
			chosen = append(chosen, p)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(known, func(p Protocol) bool { return p.Name == name }) {
			return nil, fmt.Errorf("unknown record %q; known are %s, or all or none alone", name, strings.Join(Names(), ", "))
		}
	}
	return chosen, nil
}

// Names lists the protocols' names.
func Names() []string {
	var names []string
	for _, p := range Protocols() {
		names = append(names, p.Name)
	}
	return names
}

// ParserNames lists the names of the protocols that have parsers of their own.
func ParserNames() []string {
	var names []string
	for _, p := range Protocols() {
		if p.With == "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// Options are the settings of records.
type Options struct {
	Names     []string // see Select
	Addresses flow.AddrFormat
	Secrets   bool // passwords, cookies, queries are kept
}

// Set is the parsers of one shard and the tables that they write.
type Set struct {
	Parsers []Parser
	Numbers []int // of the parsers' protocols in ParserNames
	Tables  *Tables
	Tabled  []int // per parser, the table of its own name; -1 where only others are wanted
}

// Open returns what makes the records asked for.
func Open(o Options) (*Set, error) {
	wanted, err := Select(o.Names)
	if err != nil {
		return nil, err
	}
	s := &Set{Tables: &Tables{options: o, numbers: map[string]int{}, Schemas: make([]*column.Schema, len(wanted))}}
	for i, p := range wanted {
		s.Tables.numbers[p.Name] = i
	}
	number := -1
	for _, p := range Protocols() {
		if p.With != "" {
			continue
		}
		number++
		if !slices.ContainsFunc(wanted, func(w Protocol) bool { return w.Name == p.Name || w.With == p.Name }) {
			continue
		}
		parser, err := p.new(s.Tables)
		if err != nil {
			return nil, err
		}
		s.Parsers, s.Numbers = append(s.Parsers, parser), append(s.Numbers, number)
		s.Tabled = append(s.Tabled, s.Tables.number(p.Name))
	}
	return s, nil
}

// Schemas returns the tables of the records asked for.
func Schemas(o Options) ([]*column.Schema, error) {
	s, err := Open(o)
	if err != nil {
		return nil, err
	}
	return s.Tables.Schemas, nil
}
