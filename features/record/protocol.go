package record

import (
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
	Port func(src, dst uint16) bool // a hint: packets of other ports are looked at only where a flow begins
	new  func(flow.AddrFormat) (Parser, error)
}

// Parser makes records of one protocol. It belongs to one shard.
type Parser interface {
	// Schema returns the table's columns.
	Schema() *column.Schema
	// Recognise reports whether the payload of a datagram is of the protocol.
	Recognise(p *Packet) bool
	// Datagram adds the record of a recognised datagram to out. On an error, what
	// could be read is there all the same.
	Datagram(p *Packet, out *Rows) error
}

// Protocols lists what records there are, in the order of --records all.
func Protocols() []Protocol { return []Protocol{dnsProtocol} }

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

// New returns a Parser of the protocol for one shard.
func (p *Protocol) New(addr flow.AddrFormat) (Parser, error) { return p.new(addr) }

// Schemas returns the tables of the protocols with the given names.
func Schemas(names []string, addr flow.AddrFormat) ([]*column.Schema, error) {
	protocols, err := Select(names)
	if err != nil {
		return nil, err
	}
	var schemas []*column.Schema
	for i := range protocols {
		p, err := protocols[i].New(addr)
		if err != nil {
			return nil, err
		}
		schemas = append(schemas, p.Schema())
	}
	return schemas, nil
}
