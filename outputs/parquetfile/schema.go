package parquetfile

import (
	"encoding/json"
	"fmt"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/column"
)

// schemaKey is the footer key under which the declaration of every column is
// kept, as JSON.
const schemaKey = "pcapmill.schema"

// isList reports whether a column holds a list a row.
func isList(t column.Type) bool {
	return t == column.ListInt64 || t == column.ListInt32 || t == column.ListString
}

// physicalType is the Parquet type that a column's values, or its list's
// elements, are stored as.
func physicalType(t column.Type) format.Type {
	switch t {
	case column.Int64, column.Timestamp, column.ListInt64:
		return format.Int64
	case column.Int32, column.ListInt32:
		return format.Int32
	case column.Double:
		return format.Double
	default:
		return format.ByteArray
	}
}

// schemaElements is the footer's depth-first list of schema nodes, columns in
// the order of their declaration.
func schemaElements(s *column.Schema) []format.SchemaElement {
	root := format.SchemaElement{Name: s.Table, NumChildren: thrift.New(int32(len(s.Columns)))}
	elements := []format.SchemaElement{root}
	for i := range s.Columns {
		c := &s.Columns[i]
		repetition := format.Required
		if c.Optional() {
			repetition = format.Optional
		}
		if !isList(c.Type) {
			elements = append(elements, leafElement(c.Name, c.Type, repetition))
			continue
		}
		elements = append(elements,
			format.SchemaElement{
				Name:           c.Name,
				RepetitionType: thrift.New(repetition),
				NumChildren:    thrift.New(int32(1)),
				ConvertedType:  thrift.New(deprecated.List),
				LogicalType:    format.LogicalType{Value: &format.ListType{}},
			},
			format.SchemaElement{Name: "list", RepetitionType: thrift.New(format.Repeated), NumChildren: thrift.New(int32(1))},
			leafElement("element", c.Type, format.Required))
	}
	return elements
}

func leafElement(name string, t column.Type, repetition format.FieldRepetitionType) format.SchemaElement {
	e := format.SchemaElement{Name: name, Type: thrift.New(physicalType(t)), RepetitionType: thrift.New(repetition)}
	switch t {
	case column.String, column.Text, column.ListString:
		e.ConvertedType = thrift.New(deprecated.UTF8)
		e.LogicalType = format.LogicalType{Value: &format.StringType{}}
	case column.Timestamp:
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
		e.LogicalType = format.LogicalType{Value: &format.TimestampType{
			IsAdjustedToUTC: true,
			Unit:            format.TimeUnit{Value: &format.MicroSeconds{}},
		}}
	}
	return e
}

// leafPath is the path of the column's only leaf.
func leafPath(c *column.Column) []string {
	if isList(c.Type) {
		return []string{c.Name, "list", "element"}
	}
	return []string{c.Name}
}

// columnJSON is one column of the footer's schema document.
type columnJSON struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Unit   string `json:"unit,omitempty"`
	Role   string `json:"role"`
	Doc    string `json:"doc"`
	Null   string `json:"null,omitempty"`
	Source string `json:"source,omitempty"`
	Group  string `json:"group,omitempty"`
}

type schemaJSON struct {
	Table   string       `json:"table"`
	Version int          `json:"version"`
	Columns []columnJSON `json:"columns"`
}

// marshalSchema returns the footer's schema document.
func marshalSchema(s *column.Schema) (string, error) {
	doc := schemaJSON{Table: s.Table, Version: s.Version, Columns: make([]columnJSON, len(s.Columns))}
	for i := range s.Columns {
		c := &s.Columns[i]
		doc.Columns[i] = columnJSON{
			Name: c.Name, Type: c.Type.String(), Unit: string(c.Unit), Role: c.Role.String(),
			Doc: c.Doc, Null: c.Null, Source: c.Source, Group: c.Group,
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("schema document: %w", err)
	}
	return string(text), nil
}

// unmarshalSchema reads the footer's schema document.
func unmarshalSchema(text string) (*column.Schema, error) {
	var doc schemaJSON
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("%w: schema document: %w", ErrFormat, err)
	}
	s := &column.Schema{Table: doc.Table, Version: doc.Version, Columns: make([]column.Column, len(doc.Columns))}
	for i, c := range doc.Columns {
		t, ok := column.TypeNamed(c.Type)
		if !ok {
			return nil, fmt.Errorf("%w: schema document: column %q has unknown type %q", ErrFormat, c.Name, c.Type)
		}
		role, ok := column.RoleNamed(c.Role)
		if !ok {
			return nil, fmt.Errorf("%w: schema document: column %q has unknown role %q", ErrFormat, c.Name, c.Role)
		}
		s.Columns[i] = column.Column{
			Name: c.Name, Type: t, Unit: column.Unit(c.Unit), Role: role,
			Doc: c.Doc, Null: c.Null, Source: c.Source, Group: c.Group,
		}
	}
	return s, nil
}
