package record

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Protocol is a kind of record.
type Protocol struct {
	Name string // of the table and of --records
	Doc  string
	With string // the protocol whose parser makes these records too; empty: its own
	new  func(*Tables) (Parser, error)

	state reflect.Type // of Conversation.State; nil: none is kept
}

// States lists the types that Conversation.State may have, for whoever saves it.
func States() (list []reflect.Type) {
	for _, p := range Protocols() {
		if p.state != nil {
			list = append(list, p.state)
		}
	}
	return list
}

// Protocols lists what records there are, in the order of --records all. Messages are
// recognised in this order too: first protocols that their first bytes tell from all
// others, whatever the ports, then those whose ports must speak for them.
func Protocols() []Protocol {
	return []Protocol{tlsProtocol, x509Protocol, quicProtocol, httpProtocol, sshProtocol, dhcpProtocol, dnsProtocol}
}

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
