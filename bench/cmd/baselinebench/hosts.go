package main

import (
	"fmt"
	"net/netip"

	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/model/baseline"
	"pcapmill/model/baseline/baselinetest"
)

// variety is how many hosts of each population are simulated. Others do the same as
// these: to simulate a million takes longer than all that is measured.
const variety = 100

// schema returns the columns that are asked for.
func (a *arguments) schema() (*column.Schema, error) {
	switch a.table {
	case "40":
		return baselinetest.Schema(), nil
	case "hosts":
		return host.HostsSchema(), nil
	}
	return nil, fmt.Errorf("no table %q: 40 or hosts", a.table)
}

// pool are the windows of simulated hosts, by host.
type pool [][]baseline.Row

// windowsPerDay are those of 10 minutes.
const windowsPerDay = 144

// simulate makes windows of two days of servers and devices in turn, with values of the
// features of a table: the first day is for baselines, the other for tables. What is not
// simulated is a constant.
func simulate(features []baseline.Feature) (pool, error) {
	places := make([]int, len(features))
	from := baselinetest.Schema()
	for i, f := range features {
		places[i] = from.Index(f.Name)
	}
	populations := baselinetest.Populations()
	var p pool
	for i := range 2 * variety {
		var rows []baseline.Row
		err := populations[i%2*2].Host(i/2).Rows(2, func(r *baseline.Row) error {
			rows = append(rows, chosen(r, places))
			return nil
		})
		if err != nil {
			return nil, err
		}
		p = append(p, rows)
	}
	return p, nil
}

// chosen returns a row with the values of some places.
func chosen(r *baseline.Row, places []int) baseline.Row {
	row := baseline.Row{Start: r.Start, Values: make([]float64, len(places)), Known: make([]bool, len(places))}
	for i, at := range places {
		if row.Values[i], row.Known[i] = 1, true; at >= 0 {
			row.Values[i], row.Known[i] = r.Values[at], r.Known[at]
		}
	}
	return row
}

// address returns that of a host by number.
func address(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10 + byte(i>>24), byte(i >> 16), byte(i >> 8), byte(i)})
}

// of returns the rows of a host by number on the first or the second day.
func (p pool) of(i, day int) []baseline.Row {
	return p[i%len(p)][day*windowsPerDay : (day+1)*windowsPerDay]
}
