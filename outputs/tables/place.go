package tables

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// hiveNull is what Hive calls the folder of rows whose key is null.
const hiveNull = "__HIVE_DEFAULT_PARTITION__"

// EachPlaced is EachPart with a text column behind each part's own for every key of the folders
// that it is in below path, such as split for split=train. Where a part has a column of that name
// itself, that one counts.
func EachPlaced(path string, plan func(*column.Schema) error, each func(*Part) error) error {
	files, err := Files(path)
	if err != nil {
		return err
	}
	return eachFile(files, func(p *Part) { p.placeBelow(path) }, plan, each)
}

// place is a column whose value is in the name of a part's folder.
type place struct {
	column column.Column
	value  string
	null   bool
}

// placeBelow gives the part the columns that its folders below root stand for.
func (p *Part) placeBelow(root string) {
	own := p.reader.Schema()
	inside, err := filepath.Rel(root, filepath.Dir(p.path))
	if err != nil {
		return
	}
	all := *own
	all.Columns = slices.Clone(own.Columns)
	for _, folder := range strings.Split(inside, string(filepath.Separator)) {
		key, value, is := strings.Cut(folder, "=")
		if !is || all.Index(key) >= 0 {
			continue
		}
		if raw, err := url.PathUnescape(value); err == nil && utf8.ValidString(raw) {
			value = raw
		}
		c := column.Column{Name: key, Type: column.String, Role: column.Identity, Doc: "What the folder of the row's file is named for.", Null: "the folder is that of no value"}
		p.places = append(p.places, place{c, value, value == hiveNull})
		all.Columns = append(all.Columns, c)
	}
	p.schema = &all
}

// readPlaced is Read of a part that has places.
func (p *Part) readPlaced(ctx context.Context, names []string, take func(*batch.Batch) error) error {
	if names == nil {
		for i := range p.schema.Columns {
			names = append(names, p.schema.Columns[i].Name)
		}
	}
	schema := &column.Schema{Table: p.schema.Table, Version: p.schema.Version}
	own, places := []string{}, make([]*place, len(names)) // nil: of the file
	for i, name := range names {
		if at := slices.IndexFunc(p.places, func(x place) bool { return x.column.Name == name }); at >= 0 {
			places[i] = &p.places[at]
			schema.Columns = append(schema.Columns, p.places[at].column)
			continue
		}
		own = append(own, name)
		if at := p.schema.Index(name); at >= 0 { // the reader says so otherwise
			schema.Columns = append(schema.Columns, p.schema.Columns[at])
		}
	}
	return p.reader.Read(ctx, own, func(b *batch.Batch) error {
		all := &batch.Batch{Schema: schema, Rows: b.Rows, Vectors: make([]batch.Vector, len(places))}
		next := 0
		for i, place := range places {
			if place != nil {
				all.Vectors[i] = place.vector(b.Rows)
				continue
			}
			all.Vectors[i] = b.Vectors[next]
			next++
		}
		return take(all)
	})
}

// vector has the value in so many rows.
func (x *place) vector(rows int) batch.Vector {
	v := batch.Vector{Dict: []string{x.value}, Codes: make([]int32, rows)}
	if x.null {
		v.Dict[0], v.Valid = "", make([]byte, rows)
	}
	return v
}
