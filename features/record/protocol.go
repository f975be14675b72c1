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
	new  func(flow.AddrFormat) (Parser, error)
}

// Parser makes records of one protocol. It belongs to one shard.
type Parser interface {
	// Schema returns the table's columns.
	Schema() *column.Schema
	// Hinted reports whether ports speak for the protocol. Datagrams of others are looked
	// at only where a flow begins.
	Hinted(src, dst uint16) bool
	// Recognise reports whether the payload of a datagram, of whose packet the FlowID need
	// not be known yet, is of the protocol.
	Recognise(p *Packet) bool
	// Datagram adds the record of a recognised datagram to out. On an error, what
	// could be read is there all the same.
	Datagram(p *Packet, out *Rows) error
}

// Protocols lists what records there are, in the order of --records all.
func Protocols() []Protocol { return []Protocol{dnsProtocol, dhcpProtocol} }

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

// Parsers returns those of the protocols with the given names, for one shard.
func Parsers(names []string, addr flow.AddrFormat) ([]Parser, error) {
	protocols, err := Select(names)
	if err != nil {
		return nil, err
	}
	parsers := make([]Parser, len(protocols))
	for i := range protocols {
		if parsers[i], err = protocols[i].new(addr); err != nil {
			return nil, err
		}
	}
	return parsers, nil
}

// Schemas returns the tables of the protocols with the given names.
func Schemas(names []string, addr flow.AddrFormat) ([]*column.Schema, error) {
	parsers, err := Parsers(names, addr)
	if err != nil {
		return nil, err
	}
	schemas := make([]*column.Schema, len(parsers))
	for i, p := range parsers {
		schemas[i] = p.Schema()
	}
	return schemas, nil
}
