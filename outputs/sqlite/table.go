package sqlite

import (
	"fmt"
	"slices"
	"strings"
)

// Type is how SQLite stores the values of a column.
type Type uint8

// The types, and what they are in Go.
const (
	Integer Type = iota // int64
	Real                // float64, never NaN
	Text                // string
	Blob                // []byte
)

var typeNames = [...]string{"INTEGER", "REAL", "TEXT", "BLOB"}

// String returns the type as SQL names it.
func (t Type) String() string { return typeNames[t] }

// Column is one column of a Table.
type Column struct {
	Name string
	Type Type
	Null bool // whether values may be NULL, which is nil in Go
}

// Table is one table of a database. Names are quoted, so they may be any.
type Table struct {
	Name    string
	Columns []Column
	Indexes []string // columns that have an index of their own
}

// Validate reports a table that SQLite would refuse or could not be told from another.
func (t *Table) Validate() error {
	if t.Name == "" || strings.HasPrefix(strings.ToLower(t.Name), "sqlite_") || len(t.Columns) == 0 {
		return fmt.Errorf("%q with %d columns cannot be a table", t.Name, len(t.Columns))
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		name := strings.ToLower(c.Name)
		if name == "" || seen[name] || int(c.Type) >= len(typeNames) {
			return fmt.Errorf("table %s: %q cannot be another column", t.Name, c.Name)
		}
		seen[name] = true
	}
	for _, name := range t.Indexes {
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name }) {
			return fmt.Errorf("table %s: an index of %q, which it does not have", t.Name, name)
		}
	}
	return nil
}

// createSQL is the statement that makes the table, as sqlite_schema keeps it: readers compare
// it word for word.
func (t *Table) createSQL() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", quote(t.Name))
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", quote(c.Name), c.Type)
		if !c.Null {
			b.WriteString(" NOT NULL")
		}
	}
	b.WriteString(") STRICT")
	return b.String()
}

// indexName is flows_by_flow_id.
func (t *Table) indexName(column string) string { return t.Name + "_by_" + column }

func (t *Table) indexSQL(column string) string {
	return fmt.Sprintf("CREATE INDEX %s ON %s (%s)", quote(t.indexName(column)), quote(t.Name), quote(column))
}

func (t *Table) insertSQL() string {
	return fmt.Sprintf("INSERT INTO %s VALUES (?%s)", quote(t.Name), strings.Repeat(",?", len(t.Columns)-1))
}

// selectSQL reads the rows in their order.
func (t *Table) selectSQL(columns []string) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c)
	}
	return fmt.Sprintf("SELECT %s FROM %s ORDER BY rowid", strings.Join(names, ","), quote(t.Name))
}

func (t *Table) names() (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// pick returns the columns of these names.
func (t *Table) pick(names []string) ([]Column, error) {
	var picked []Column
	for _, name := range names {
		i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("table %s has no column %q", t.Name, name)
		}
		picked = append(picked, t.Columns[i])
	}
	return picked, nil
}

// holds reports whether a value is of the column's type.
func (c *Column) holds(v any) bool {
	switch v := v.(type) {
	case int64:
		return c.Type == Integer
	case float64:
		return c.Type == Real
	case string:
		return c.Type == Text
	case []byte:
		return c.Type == Blob && v != nil
	case nil:
		return c.Null
	}
	return false
}
