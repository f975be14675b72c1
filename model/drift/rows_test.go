package drift_test

import (
	"context"
	"math"
	"net/netip"
	"testing"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
)

// rows are windows in memory.
type rows struct {
	table      baseline.Table
	columns    []column.Column
	categories []string
	rows       []baseline.Row
}

func (r *rows) Table() baseline.Table    { return r.table }
func (r *rows) Columns() []column.Column { return r.columns }
func (r *rows) Categories() []string     { return r.categories }

func (r *rows) Each(_ context.Context, take func(*baseline.Row) error) error {
	for i := range r.rows {
		if err := take(&r.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// with has the same table and other rows.
func (r *rows) with(all []baseline.Row) *rows {
	return &rows{r.table, r.columns, r.categories, all}
}

// tableOf has doubles of a name each, in units of its own.
func tableOf(unit column.Unit, names ...string) *rows {
	r := &rows{table: baseline.Table{Name: "hosts", Version: 1}}
	for _, name := range names {
		scale := baseline.Scale{Octaves: unit != column.Ratio, Step: -7}
		r.table.Features = append(r.table.Features, baseline.Feature{Name: name, Scale: scale})
		r.columns = append(r.columns, column.Column{Name: name, Type: column.Double, Unit: unit, Doc: "x"})
	}
	return r
}

// learned is the baseline of rows.
func learned(t testing.TB, r *rows) *baseline.Baseline {
	t.Helper()
	c := baseline.DefaultConfig()
	c.Categories = r.categories
	b, err := baseline.New(c, r.table)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.rows {
		if err := b.Add(&r.rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func judged(t testing.TB, b drift.Base, now *rows) *drift.Report {
	t.Helper()
	r, err := drift.Judge(context.Background(), b, now, drift.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	monday = int64(1793577600) * 1e9 // 2026-11-02 00:00 UTC
	window = int64(600e9)            // ten minutes
)

// address of the i-th host of a network.
func address(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
}

func near(t testing.TB, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}
