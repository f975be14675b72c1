package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"pcapmill/model/baseline"
	"pcapmill/outputs/sqlite"
)

// database is what its header says: "pcBL", and the version of the tables.
func database() sqlite.Identity { return sqlite.Identity{Application: 0x7063424c, Version: version} }

// view is a table of the database, and the rows of it that a block has.
type view struct {
	sqlite.Table
	rows func(n int64, f *blockForm, put func(...any) error) error
}

func integers(names ...string) (all []sqlite.Column) {
	for _, name := range names {
		all = append(all, sqlite.Column{Name: name, Type: sqlite.Integer})
	}
	return all
}

func texts(names ...string) (all []sqlite.Column) {
	for _, name := range names {
		all = append(all, sqlite.Column{Name: name, Type: sqlite.Text})
	}
	return all
}

// The names of the tables that are read for what they hold.
const (
	aboutTable  = "about"
	blocksTable = "blocks"
)

// about has what JSON has at headKey, as text.
func about() sqlite.Table { return sqlite.Table{Name: aboutTable, Columns: texts("key", "value")} }

// views returns the tables of blocks, which number them from 1 on. That of the blocks
// themselves is the first.
func views() []view {
	numbered := func(name string, rows func(int64, *blockForm, func(...any) error) error, columns ...[]sqlite.Column) view {
		t := sqlite.Table{Name: name, Columns: slices.Concat(append([][]sqlite.Column{integers("block")}, columns...)...), Indexes: []string{"block"}}
		return view{t, rows}
	}
	packed, value := []sqlite.Column{{Name: "packed", Type: sqlite.Blob}}, []sqlite.Column{{Name: "value", Type: sqlite.Real}}
	all := []view{
		numbered(blocksTable, blockRows, texts("host"), integers("day"), texts("date", "tags"), packed),
		numbered("hours", hourRows, integers("hour", "windows")),
		numbered("moments", momentRows, texts("feature"), integers("hour", "known", "sum", "squares")),
		numbered("histograms", histogramRows, texts("feature"), value, integers("count")),
		numbered("categories", categoryRows, texts("category"), integers("others", "too_long", "different", "exact")),
		numbered("keys", keyRows, texts("category", "key"), integers("count")),
	}
	all[0].Indexes = []string{"host"}
	return all
}

func blockRows(n int64, f *blockForm, put func(...any) error) error {
	tags, err := json.Marshal(f.Tags)
	if err != nil {
		return err
	}
	return put(n, f.Host, int64(f.Day), f.Date, string(tags), f.Packed)
}

func hourRows(n int64, f *blockForm, put func(...any) error) error {
	for _, h := range f.Hours {
		if err := put(n, whole(h[0]), whole(h[1])); err != nil {
			return err
		}
	}
	return nil
}

func momentRows(n int64, f *blockForm, put func(...any) error) error {
	for i := range f.Features {
		x := &f.Features[i]
		for at := range x.Values {
			if x.Values[at] == 0 {
				continue // nothing is known in that hour
			}
			if err := put(n, x.Name, whole(f.Hours[at][0]), whole(x.Values[at]), x.Sums[at], whole(x.Squares[at])); err != nil {
				return err
			}
		}
	}
	return nil
}

func histogramRows(n int64, f *blockForm, put func(...any) error) error {
	for i := range f.Features {
		for _, bar := range f.Features[i].Histogram {
			if err := put(n, f.Features[i].Name, bar.Value, whole(bar.Count)); err != nil {
				return err
			}
		}
	}
	return nil
}

func categoryRows(n int64, f *blockForm, put func(...any) error) error {
	for _, c := range f.Categories {
		exact := int64(0)
		if c.Exact {
			exact = 1
		}
		if err := put(n, c.Name, whole(c.Others), whole(c.TooLong), whole(c.Distinct), exact); err != nil {
			return err
		}
	}
	return nil
}

func keyRows(n int64, f *blockForm, put func(...any) error) error {
	for i := range f.Categories {
		for _, k := range f.Categories[i].Keys {
			if err := put(n, f.Categories[i].Name, k.Key, whole(k.Count)); err != nil {
				return err
			}
		}
	}
	return nil
}

// whole is a count as SQLite has it, which knows no larger numbers.
func whole(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// WriteSQLite writes a baseline as a SQLite database in place of a file. The baseline is
// gone over once a table.
func WriteSQLite(name string, b Source) error {
	h := b.Header()
	_, err := sqlite.Save(name, database(), func(d *sqlite.Database) error {
		head, err := json.Marshal(headOf(&h))
		if err != nil {
			return err
		}
		in, err := d.Table(about())
		if err != nil {
			return err
		}
		if err := in.Insert(headKey, string(head)); err != nil {
			return err
		}
		for _, v := range views() {
			if err := v.write(d, b, &h); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func (v *view) write(d *sqlite.Database, b Source, h *baseline.Header) error {
	in, err := d.Table(v.Table)
	if err != nil {
		return err
	}
	n := int64(0)
	return b.Blocks(func(x *baseline.Block) error {
		f := blockOf(x, h)
		n++
		return v.rows(n, &f, in.Insert)
	})
}

// limits are far above a baseline of millions of hosts.
func limits() sqlite.Limits {
	return sqlite.Limits{Bytes: 1 << 42, Rows: 1 << 40, Value: baseline.MaxBlock + 1<<20}
}

// ReadSQLite reads what WriteSQLite wrote. Errors are ErrFormat, ErrVersion, ErrChanged,
// baseline.ErrCorrupt, the context's and the system's.
func ReadSQLite(ctx context.Context, name string) (*baseline.Baseline, error) {
	all := []sqlite.Table{about()}
	for _, v := range views() {
		all = append(all, v.Table)
	}
	r, err := sqlite.Open(ctx, name, database(), all, limits())
	if err != nil {
		return nil, asDatabase(err)
	}
	defer r.Close() //nolint:errcheck // only read
	b, err := readTables(ctx, r)
	return b, asDatabase(err)
}

// asDatabase says in words of this package what is wrong with a database.
func asDatabase(err error) error {
	switch {
	case errors.Is(err, sqlite.ErrNewer):
		return fmt.Errorf("%w: %w", ErrVersion, err)
	case errors.Is(err, sqlite.ErrFormat), errors.Is(err, sqlite.ErrLimit):
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return err
}

func readTables(ctx context.Context, r *sqlite.Reader) (*baseline.Baseline, error) {
	form, err := readAbout(ctx, r)
	if err != nil {
		return nil, err
	}
	h, to, err := form.restorer()
	if err != nil {
		return nil, err
	}
	should, err := readBlocks(ctx, r, h, to)
	if err != nil {
		return nil, err
	}
	for i, v := range views() {
		is := newDigest()
		if err := r.Each(ctx, v.Name, func(values []any) error { return is.row(values...) }); err != nil {
			return nil, err
		}
		if !is.equal(should[i]) {
			return nil, fmt.Errorf("table %s: %w", v.Name, ErrChanged)
		}
	}
	return to.Close()
}

func readAbout(ctx context.Context, r *sqlite.Reader) (*headForm, error) {
	form, rows := &headForm{}, 0
	err := r.Each(ctx, aboutTable, func(values []any) error {
		if rows++; rows > 1 || values[0] != headKey {
			return fmt.Errorf("%w: table %s", ErrFormat, aboutTable)
		}
		d := json.NewDecoder(strings.NewReader(values[1].(string)))
		d.DisallowUnknownFields()
		return strict(d.Decode(form))
	})
	if err == nil && rows == 0 {
		err = fmt.Errorf("%w: table %s is empty", ErrFormat, aboutTable)
	}
	return form, err
}

// readBlocks restores the packed blocks, and returns what the rows of each table then are.
func readBlocks(ctx context.Context, r *sqlite.Reader, h *baseline.Header, to *baseline.Restorer) ([]digest, error) {
	all := views()
	should := make([]digest, len(all))
	for i := range should {
		should[i] = newDigest()
	}
	n := int64(0)
	err := r.Each(ctx, blocksTable, func(values []any) error {
		x, err := addBlock(values, to)
		if err != nil {
			return err
		}
		n++
		form := blockOf(x, h)
		for i := range all {
			if err := all[i].rows(n, &form, should[i].row); err != nil {
				return err
			}
		}
		return nil
	})
	return should, err
}

// addBlock adds what a row of blocks has.
func addBlock(values []any, to *baseline.Restorer) (*baseline.Block, error) {
	p := parser{}
	host, number := p.address(values[1].(string)), values[2].(int64)
	day := baseline.Day(number)
	if int64(day) != number {
		p.fail("day %d", number)
	}
	var forms []tagForm
	if err := json.Unmarshal([]byte(values[4].(string)), &forms); err != nil {
		p.fail("tags: %w", err)
	}
	tags := p.tags(forms)
	if p.err != nil {
		return nil, p.err
	}
	return to.Add(host, day, tags, bytes.Clone(values[5].([]byte)))
}

// digest is of rows, in their order.
type digest struct{ sum hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

// row takes a row in as JSON, which says where one ends.
func (d digest) row(values ...any) error {
	line, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	d.sum.Write(line)
	return nil
}

func (d digest) equal(o digest) bool { return bytes.Equal(d.sum.Sum(nil), o.sum.Sum(nil)) }
