package parquetfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"

	"pcapmill/features/column"
)

// library encodes a structure as the library does.
func library(t *rapid.T, v any) []byte {
	var protocol thrift.CompactProtocol
	b, err := thrift.Marshal(&protocol, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	drawI64   = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(-200, 200), rapid.Int64())
	drawI32   = rapid.OneOf(rapid.Just(int32(0)), rapid.Int32Range(-200, 200), rapid.Int32())
	drawBytes = rapid.SliceOfN(rapid.Byte(), 0, 200)
	drawBound = rapid.OneOf(rapid.Just([]byte(nil)), drawBytes)
)

func drawStatistics(t *rapid.T) format.Statistics {
	return format.Statistics{NullCount: drawI64.Draw(t, "nulls"), MinValue: drawBound.Draw(t, "min"), MaxValue: drawBound.Draw(t, "max")}
}

// TestPageHeadersAreTheLibrarys: all that this package sets.
func TestPageHeadersAreTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := format.PageHeader{
			Type: format.PageType(rapid.Int32Range(0, 3).Draw(t, "type")), UncompressedPageSize: drawI32.Draw(t, "size"),
			CompressedPageSize: drawI32.Draw(t, "packed"), CRC: drawI32.Draw(t, "crc"),
		}
		encoding := format.Encoding(rapid.Int32Range(0, 9).Draw(t, "encoding"))
		if rapid.Bool().Draw(t, "data") {
			h.DataPageHeader = thrift.New(format.DataPageHeader{
				NumValues: drawI32.Draw(t, "values"), Encoding: encoding, DefinitionLevelEncoding: format.RLE,
				RepetitionLevelEncoding: format.RLE, Statistics: drawStatistics(t),
			})
		} else {
			h.DictionaryPageHeader = thrift.New(format.DictionaryPageHeader{NumValues: drawI32.Draw(t, "values"), Encoding: encoding})
		}
		var w structures
		if w.pageHeader(&h); !bytes.Equal(w.out, library(t, &h)) {
			t.Fatalf("% x, and the library % x", w.out, library(t, &h))
		}
	})
}

// TestIndexesAreTheLibrarys: short and long lists of pages.
func TestIndexesAreTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var columns format.ColumnIndex
		var offsets format.OffsetIndex
		for range rapid.IntRange(1, 40).Draw(t, "pages") {
			columns.NullPages = append(columns.NullPages, rapid.Bool().Draw(t, "null"))
			columns.MinValues = append(columns.MinValues, drawBytes.Draw(t, "min"))
			columns.MaxValues = append(columns.MaxValues, drawBytes.Draw(t, "max"))
			columns.NullCounts = append(columns.NullCounts, drawI64.Draw(t, "nulls"))
			offsets.PageLocations = append(offsets.PageLocations, format.PageLocation{
				Offset: drawI64.Draw(t, "offset"), CompressedPageSize: drawI32.Draw(t, "size"), FirstRowIndex: drawI64.Draw(t, "row"),
			})
		}
		columns.BoundaryOrder = format.BoundaryOrder(rapid.Int32Range(0, 2).Draw(t, "order"))
		var w structures
		if w.columnIndex(&columns); !bytes.Equal(w.out, library(t, &columns)) {
			t.Errorf("% x, and the library % x", w.out, library(t, &columns))
		}
		w.out = w.out[:0]
		if w.offsetIndex(&offsets); !bytes.Equal(w.out, library(t, &offsets)) {
			t.Errorf("% x, and the library % x", w.out, library(t, &offsets))
		}
	})
}

func drawPlaced(t *rapid.T) placed {
	return placed{
		meta: format.ColumnMetaData{
			Type:         format.Type(rapid.Int32Range(0, 7).Draw(t, "type")),
			Encoding:     rapid.SliceOfN(rapid.Custom(func(t *rapid.T) format.Encoding { return format.Encoding(rapid.Int32Range(0, 9).Draw(t, "encoding")) }), 1, 20).Draw(t, "encodings"),
			PathInSchema: rapid.SliceOfN(rapid.String(), 1, 20).Draw(t, "path"), Codec: format.Zstd,
			NumValues: drawI64.Draw(t, "values"), TotalUncompressedSize: drawI64.Draw(t, "size"), TotalCompressedSize: drawI64.Draw(t, "packed"),
			DataPageOffset: drawI64.Draw(t, "data"), DictionaryPageOffset: drawI64.Draw(t, "dictionary"), Statistics: drawStatistics(t),
		},
		whereAt: drawI64.Draw(t, "offset index"), whereLen: drawI32.Draw(t, "offset index length"),
		indexAt: drawI64.Draw(t, "column index"), indexLen: drawI32.Draw(t, "column index length"),
	}
}

// libraryGroup is a row group as the library has it.
func libraryGroup(g *rowGroup, ordinal int) format.RowGroup {
	of := format.RowGroup{TotalByteSize: g.size, NumRows: g.rows, FileOffset: g.offset, TotalCompressedSize: g.compressed, Ordinal: int16(ordinal)}
	for _, c := range g.columns {
		of.Columns = append(of.Columns, format.ColumnChunk{
			MetaData: c.meta, OffsetIndexOffset: c.whereAt, OffsetIndexLength: c.whereLen, ColumnIndexOffset: c.indexAt, ColumnIndexLength: c.indexLen,
		})
	}
	return of
}

// TestFootersAreTheLibrarys: with any row groups, and a schema of all types.
func TestFootersAreTheLibrarys(t *testing.T) {
	var columns []column.Column
	for i, typ := range []column.Type{
		column.Int64, column.Int32, column.Timestamp, column.Double, column.String, column.Text, column.Binary,
		column.ListInt64, column.ListInt32, column.ListString,
	} {
		columns = append(columns, column.Column{Name: string(rune('a' + i)), Type: typ, Doc: "d"})
	}
	columns[3].Null = "unknown"
	rapid.Check(t, func(t *rapid.T) {
		schema := &column.Schema{Table: "things", Version: 1, Columns: columns[:rapid.IntRange(1, len(columns)).Draw(t, "columns")]}
		f := &File{common: common{schema: schema, meta: rapid.MapOfN(rapid.String(), rapid.String(), 0, 20).Draw(t, "meta")}}
		var groups []rowGroup
		var theirs []format.RowGroup
		for n := range rapid.IntRange(0, 17).Draw(t, "groups") {
			groups = append(groups, rowGroup{
				columns: rapid.SliceOfN(rapid.Custom(drawPlaced), 1, 3).Draw(t, "chunks"), size: drawI64.Draw(t, "bytes"),
				rows: drawI64.Draw(t, "rows"), offset: drawI64.Draw(t, "at"), compressed: drawI64.Draw(t, "packed"),
			})
			theirs = append(theirs, libraryGroup(&groups[n], n))
		}
		rows := drawI64.Draw(t, "rows")
		constants, err := newConstants(f)
		if err != nil {
			t.Fatal(err)
		}
		pairs, _ := f.keyValues()
		orders := make([]format.ColumnOrder, len(schema.Columns))
		for i := range orders {
			orders[i].Value = &format.TypeDefinedOrder{}
		}
		want := library(t, &format.FileMetaData{
			Version: 2, Schema: schemaElements(schema), NumRows: rows, RowGroups: theirs,
			KeyValueMetadata: pairs, CreatedBy: createdBy, ColumnOrders: orders,
		})
		var w structures
		if w.fileMetaData(&constants, rows, groups); !bytes.Equal(w.out, want) {
			t.Fatalf("% x, and the library % x", w.out, want)
		}
	})
}

// TestMostRows: a footer of as many row groups is read, whatever it says of them, and none of twice
// as many; what is written by default has as many rows as it is asked for.
func TestMostRows(t *testing.T) {
	const big = 1 << 40
	bound := bytes.Repeat([]byte("x"), maxBound)
	cfg := DefaultConfig()
	for _, columns := range []int{1, 8, 2000} {
		schema := &column.Schema{Table: "t", Version: 1}
		for i := range columns {
			schema.Columns = append(schema.Columns, column.Column{Name: fmt.Sprintf("a_name_as_long_as_those_of_tables_%d", i), Type: column.ListString, Doc: "d", Null: "n"})
		}
		chunk := placed{
			meta: format.ColumnMetaData{
				Type: format.ByteArray, Encoding: make([]format.Encoding, 4), PathInSchema: []string{schema.Columns[columns-1].Name, "list", "element"}, Codec: format.Zstd,
				NumValues: big, TotalUncompressedSize: big, TotalCompressedSize: big, DataPageOffset: big, DictionaryPageOffset: big,
				Statistics: format.Statistics{NullCount: big, MinValue: bound, MaxValue: bound},
			},
			whereAt: big, whereLen: 1 << 30, indexAt: big, indexLen: 1 << 30,
		}
		said, err := newConstants(&File{common: common{schema: schema}})
		if err != nil {
			t.Fatal(err)
		}
		most := int(cfg.MostRows(columns) / int64(cfg.RowGroupRows))
		for groups, fits := range map[int]bool{most: true, 2 * most: most == maxRowGroups} {
			var w structures
			w.fileMetaData(&said, 0, slices.Repeat([]rowGroup{{columns: slices.Repeat([]placed{chunk}, columns)}}, groups))
			if _, err := scanStruct(w.out, maxFooterStructs); (err == nil && len(w.out) <= maxFooterBytes) != fits {
				t.Errorf("%d columns, %d row groups: %d bytes, %v", columns, groups, len(w.out), err)
			}
		}
		if cfg.MostRows(columns) < int64(cfg.PartRows) {
			t.Errorf("%d columns: %d rows", columns, cfg.MostRows(columns))
		}
	}
}

// TestRowsOfBytes: of groups that have millions of rows in a few bytes, as those do that are of the same pages, a file
// has as many as can be read.
func TestRowsOfBytes(t *testing.T) {
	for _, c := range []struct {
		groups, rows, size int64
		want               error
	}{
		{1, maxGroupRows, 100, nil},
		{1, maxGroupRows + 1, 1 << 30, ErrLimit},
		{2, maxGroupRows, 2 * maxGroupRows / mostPerByte, nil},
		{2, maxGroupRows, 2*maxGroupRows/mostPerByte - 1, ErrLimit},
		{1000, maxGroupRows, 1 << 20, ErrLimit},
	} {
		meta := &format.FileMetaData{NumRows: c.groups * c.rows}
		for range c.groups {
			meta.RowGroups = append(meta.RowGroups, format.RowGroup{NumRows: c.rows})
		}
		if err := checkGroups(meta, nil, c.size); !errors.Is(err, c.want) {
			t.Errorf("%d groups of %d rows in %d bytes: %v, want %v", c.groups, c.rows, c.size, err, c.want)
		}
	}
}
