package record

import (
	"slices"

	"pcapmill/features/column"
	"pcapmill/features/flow"
)

// Options are the settings of records.
type Options struct {
	Names     []string // see Select
	Addresses flow.AddrFormat
	Secrets   bool // passwords, cookies, queries are kept
	Shards    int  // that share what is remembered; 0 as 1
}

// Set is the parsers of one shard and the tables that they write.
type Set struct {
	Parsers []Parser
	Names   []string // of the parsers' protocols
	Numbers []int    // of the parsers' protocols in ParserNames
	Tables  *Tables
	Tabled  []int // per parser, the table of its own name; -1 where only others are wanted
}

// Open returns what makes the records asked for.
func Open(o Options) (*Set, error) {
	wanted, err := Select(o.Names)
	if err != nil {
		return nil, err
	}
	s := &Set{Tables: newTables(o, wanted)}
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
		s.Parsers, s.Names, s.Numbers = append(s.Parsers, parser), append(s.Names, p.Name), append(s.Numbers, number)
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
