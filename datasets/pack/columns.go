package pack

import (
	"cmp"
	"fmt"

	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Columns returns columns.md: what each column of the tables means.
func (f *Facts) Columns() []byte {
	var c card
	fmt.Fprintf(&c, "# Columns of %s\n", markdown(f.title()))
	for _, s := range f.schemas() {
		c.heading("Table " + markdown(s.Table))
		c.table("column", "type", "unit", "role", "null where", "meaning")
		for i := range s.Columns {
			col := &s.Columns[i]
			c.row(code(col.Name), col.Type.String(), markdown(cmp.Or(string(col.Unit), "–")), markdown(col.Role.String()),
				markdown(cmp.Or(col.Null, "never")), markdown(meaning(col)))
		}
	}
	return []byte(c.String())
}

// meaning is a column's doc with what it follows.
func meaning(c *column.Column) string {
	if c.Source == "" {
		return c.Doc
	}
	return c.Doc + " Source: " + c.Source + "."
}

// schemas are the tables that are described: those of the folder.
func (f *Facts) schemas() []*column.Schema {
	var all []*column.Schema
	for _, s := range f.Survey.Tables {
		if f.has(s.Table) {
			all = append(all, s)
		}
	}
	return all
}

// Dictionary returns dictionary.json: the same for machines.
func (f *Facts) Dictionary() ([]byte, error) {
	var tables []object
	for _, s := range f.schemas() {
		columns := make([]object, len(s.Columns))
		for i := range s.Columns {
			c := &s.Columns[i]
			o := object{{"name", c.Name}, {"type", c.Type.String()}}
			o.put("unit", string(c.Unit))
			o.put("role", c.Role.String())
			o.put("doc", c.Doc)
			o.put("null", c.Null)
			o.put("source", c.Source)
			o.put("group", c.Group)
			columns[i] = o
		}
		tables = append(tables, object{{"table", s.Table}, {"version", s.Version}, {"sha256", s.Hash()}, {"columns", columns}})
	}
	return encodeJSON(object{{"tables", tables}})
}

// harmless names may stand between backticks as they are.
var harmless = text.Pattern(`^[A-Za-z0-9_.-]+$`)

// code is a name in the type of code.
func code(s string) string {
	if harmless().MatchString(s) {
		return "`" + s + "`"
	}
	return markdown(s)
}
