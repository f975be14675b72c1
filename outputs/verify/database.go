package verify

import (
	"context"
	"os"
	"slices"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/sqlite"
)

// inDatabase returns the tables that the manifest places in a database.
func inDatabase(m *manifest.Manifest, file string) (tables []manifest.Table) {
	for i := range m.Tables {
		if m.Tables[i].File == file {
			tables = append(tables, m.Tables[i])
		}
	}
	return tables
}

// openDatabase compares the tables of a database with those that are listed, counts their
// rows, and sums what the flows table holds.
func (p *part) openDatabase(ctx context.Context, h *os.File) error {
	info, err := h.Stat()
	if err != nil {
		return err
	}
	d, err := sqlite.OpenDataset(ctx, h, info.Size(), sqlite.DefaultLimits())
	if err != nil {
		return err
	}
	defer d.Close()
	if got := d.Meta[planKey]; got != p.plan {
		p.find(CheckPlan, "%q, listed is %q", got, p.plan)
	}
	for _, s := range d.Schemas {
		if !slices.ContainsFunc(p.tables, func(t manifest.Table) bool { return t.Name == s.Table }) {
			p.find(CheckStray, "table %s is not listed", s.Table)
		}
	}
	for i := range p.tables {
		if err := p.checkTable(ctx, d, &p.tables[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *part) checkTable(ctx context.Context, d *sqlite.DatasetReader, t *manifest.Table) error {
	i := d.Index(t.Name)
	if i < 0 {
		p.find(CheckMissing, "has no table %s, which is listed", t.Name)
		return nil
	}
	if got := d.Schemas[i].Hash(); got != t.SchemaSHA256 || d.Hashes[i] != got {
		p.find(CheckSchema, "table %s: %s, it says %q, listed is %s", t.Name, got, d.Hashes[i], t.SchemaSHA256)
	}
	rows, err := d.Rows(ctx, t.Name)
	if err != nil {
		return err
	}
	p.counted += rows
	if rows != t.Rows || d.Counts[i] != rows {
		p.find(CheckRows, "table %s: %d rows, it says %d, listed are %d", t.Name, rows, d.Counts[i], t.Rows)
	}
	if t.Name != flowsTable {
		return nil
	}
	return p.sumDatabase(ctx, d, i)
}

// sumDatabase sums what sumFlows sums of Parquet.
func (p *part) sumDatabase(ctx context.Context, d *sqlite.DatasetReader, table int) error {
	names := flowColumns()
	for _, name := range names {
		if d.Schemas[table].Index(name) < 0 {
			p.find(CheckFlows, "table %s has no column %s", flowsTable, name)
			return nil
		}
	}
	p.sums.known = true
	return d.Columns(ctx, flowsTable, names, func(values []any) error {
		if depth, _ := values[0].(int64); depth != 0 {
			return nil
		}
		for i, v := range values[1:] {
			n, _ := v.(int64)
			if i < len(packetColumns) {
				p.sums.packets += n
			} else {
				p.sums.wire += n
			}
		}
		return nil
	})
}
