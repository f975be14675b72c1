package parquetfile

import (
	"testing"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/column"
)

// TestConvertedTypes: files of others may say what a column means in the old way alone; what
// would be another number if it were taken as it is stored is not read.
func TestConvertedTypes(t *testing.T) {
	for _, c := range []struct {
		kind format.Type
		old  deprecated.ConvertedType
		want column.Type
		ok   bool
	}{
		{format.ByteArray, deprecated.UTF8, column.String, true},
		{format.ByteArray, deprecated.Enum, column.String, true},
		{format.ByteArray, deprecated.Json, column.String, true},
		{format.ByteArray, deprecated.Decimal, 0, false},
		{format.Int32, deprecated.Int8, column.Int32, true},
		{format.Int32, deprecated.Int32, column.Int32, true},
		{format.Int32, deprecated.Uint16, column.Int32, true},
		{format.Int32, deprecated.Uint32, 0, false},
		{format.Int32, deprecated.Date, 0, false},
		{format.Int64, deprecated.Int64, column.Int64, true},
		{format.Int64, deprecated.TimestampMicros, column.Timestamp, true},
		{format.Int64, deprecated.TimestampMillis, 0, false},
		{format.Int64, deprecated.Uint64, 0, false},
		{format.Int64, deprecated.Decimal, 0, false},
		{format.Double, deprecated.Decimal, 0, false},
	} {
		e := &format.SchemaElement{Type: thrift.New(c.kind), ConvertedType: thrift.New(c.old)}
		if got, ok := leafType(e); ok != c.ok || ok && got != c.want {
			t.Errorf("%v %v: %v, %v", c.kind, c.old, got, ok)
		}
	}
}
