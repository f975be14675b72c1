package verify

import (
	"context"
	"fmt"
	"os"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// planKey is the footer key of the plan.
const planKey = "plan_id"

// openParquet compares footer and rows, and sums what the flows table holds.
func (p *part) openParquet(ctx context.Context, h *os.File) error {
	info, err := h.Stat()
	if err != nil {
		return err
	}
	r, err := parquetfile.Open(h, info.Size())
	if err != nil {
		return err
	}
	p.counted = r.NumRows()
	if got := r.Schema().Hash(); got != p.schema {
		p.find(CheckSchema, "%s, listed is %s", got, p.schema)
	}
	if got := r.Metadata()[planKey]; got != p.plan {
		p.find(CheckPlan, "%q, listed is %q", got, p.plan)
	}
	if p.table != flowsTable {
		return nil
	}
	return p.sumFlows(ctx, r)
}

// flowSums are counts over the flow rows of depth 0.
type flowSums struct {
	known   bool // whether the table has the columns
	packets int64
	wire    int64
}

// The columns that flowSums are taken from; see section 4 of the design.
var (
	packetColumns = []string{"fwd_packets", "rev_packets"}
	wireColumns   = []string{"fwd_wire_bytes", "rev_wire_bytes"}
)

const depthColumn = "tunnel_depth"

// flowColumns are all of them, the depth first.
func flowColumns() []string { return slices.Concat([]string{depthColumn}, packetColumns, wireColumns) }

func (p *part) sumFlows(ctx context.Context, r *parquetfile.Reader) error {
	names := flowColumns()
	for _, name := range names {
		if r.Schema().Index(name) < 0 {
			p.find(CheckFlows, "has no column %s", name)
			return nil
		}
	}
	p.sums.known = true
	return r.Read(ctx, names, func(b *batch.Batch) error { return p.sums.add(b) })
}

func (s *flowSums) add(b *batch.Batch) error {
	depth, err := integers(b, depthColumn)
	if err != nil {
		return err
	}
	for _, name := range packetColumns {
		if err := sumTop(b, name, depth, &s.packets); err != nil {
			return err
		}
	}
	for _, name := range wireColumns {
		if err := sumTop(b, name, depth, &s.wire); err != nil {
			return err
		}
	}
	return nil
}

// sumTop adds the named column's values in the rows of depth 0.
func sumTop(b *batch.Batch, name string, depth func(int) int64, sum *int64) error {
	value, err := integers(b, name)
	if err != nil {
		return err
	}
	for i := range b.Rows {
		if depth(i) == 0 {
			*sum += value(i)
		}
	}
	return nil
}

// integers returns access to an integer column, a null being 0.
func integers(b *batch.Batch, name string) (func(row int) int64, error) {
	at := b.Schema.Index(name)
	if at < 0 {
		return nil, fmt.Errorf("no column %s", name)
	}
	v := &b.Vectors[at]
	switch typ := b.Schema.Columns[at].Type; typ {
	case column.Int64:
		return func(i int) int64 { return v.Int64[i] }, nil
	case column.Int32:
		return func(i int) int64 { return int64(v.Int32[i]) }, nil
	default:
		return nil, fmt.Errorf("column %s is %s", name, typ)
	}
}
