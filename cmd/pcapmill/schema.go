package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/datasets/build"
	"pcapmill/datasets/label/labels"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/outputs/text"
)

// schemaCmd are the arguments of schema.
type schemaCmd struct {
	Table  string `arg:"" optional:"" enum:"${tables}" default:"flows" help:"Table: ${enum}."`
	Format string `enum:"table,json,markdown" default:"table" help:"Format: ${enum}."`
}

// Run implements the command.
func (c *schemaCmd) Run(s streams) error {
	schema, groups, err := described(c.Table)
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		return schemaJSON(s.out, schema)
	case "markdown":
		_, err := io.WriteString(s.out, schemaMarkdown(schema, groups))
		return err
	}
	return schemaTable(s.out, schema)
}

// described returns all columns that a table can have, and what their groups are.
func described(table string) (*column.Schema, []groupDoc, error) {
	if table == "flows" {
		t, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
		if err != nil {
			return nil, nil, err
		}
		var groups []groupDoc
		for _, g := range flow.Groups() {
			groups = append(groups, groupDoc{g.Name, g.Doc, g.OptIn})
		}
		return t.Schema, groups, nil
	}
	if table == record.ErrorsTable {
		return record.ErrorsSchema(), []groupDoc{{table, record.ErrorsDoc, false}}, nil
	}
	if table == live.GapsTable {
		return live.GapsSchema(), []groupDoc{{table, live.GapsDoc, false}}, nil
	}
	for _, t := range labels.Tables() {
		if t.Schema.Table == table {
			return t.Schema, []groupDoc{{table, t.Doc, false}}, nil
		}
	}
	if schema, doc := build.Described(table); schema != nil {
		return schema, groupDocs(doc), nil
	}
	for _, t := range window.Tables() {
		if t.Name == table {
			var groups []groupDoc
			for _, g := range t.Groups {
				groups = append(groups, groupDoc{g.Name, g.Doc, false})
			}
			return t.Schema, groups, nil
		}
	}
	protocols, err := record.Select([]string{table})
	if err != nil {
		return nil, nil, err
	}
	schemas, err := record.Schemas(record.Options{Names: []string{table}, Addresses: flow.AddrBoth})
	if err != nil {
		return nil, nil, err
	}
	return schemas[0], []groupDoc{{"packet", "the packet that the message was complete with, and its flow", false}, {table, protocols[0].Doc, false}}, nil
}

// groupDoc describes a group of columns.
type groupDoc struct {
	name, doc string
	optIn     bool
}

// tableNames lists the tables that there can be.
func tableNames() []string {
	return slices.Concat([]string{"flows"}, record.Names(), []string{record.ErrorsTable}, window.Names(), []string{live.GapsTable}, labels.TableNames(), []string{build.Keys, build.Captures})
}

// groupDocs are what groups of columns are, in pairs of name and doc.
func groupDocs(pairs [][2]string) []groupDoc {
	var all []groupDoc
	for _, p := range pairs {
		all = append(all, groupDoc{p[0], p[1], false})
	}
	return all
}

// schemaTable writes a line a column.
func schemaTable(w io.Writer, schema *column.Schema) error {
	rows := make([][]string, 0, len(schema.Columns))
	for i := range schema.Columns {
		c := &schema.Columns[i]
		rows = append(rows, []string{c.Name, c.Type.String(), string(c.Unit), c.Role.String(), c.Group, c.Null, c.Doc})
	}
	return writeTable(w, []string{"column", "type", "unit", "role", "group", "null_when", "meaning"}, rows)
}

// writeTable writes text cells in aligned columns, none of them cut.
func writeTable(w io.Writer, header []string, rows [][]string) error {
	schema := &column.Schema{Table: "list", Version: 1}
	for _, name := range header {
		schema.Columns = append(schema.Columns, column.Column{Name: name, Type: column.Text, Doc: name})
	}
	cfg := text.DefaultTable()
	cfg.Cell, cfg.Sample = 1000, len(rows)+1
	out, err := text.NewTable(w, schema, cfg)
	if err != nil {
		return err
	}
	b := batch.New(schema)
	for _, row := range rows {
		for i, cell := range row {
			b.Vectors[i].AppendText([]byte(cell))
		}
		b.Rows++
	}
	if err := out.Write(b); err != nil {
		return err
	}
	return out.Close()
}

// columnJSON is one column of the dictionary.
type columnJSON struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Unit     string `json:"unit"`
	Role     string `json:"role"`
	Group    string `json:"group"`
	NullWhen string `json:"null_when"` // empty: never
	Doc      string `json:"doc"`
	Source   string `json:"source"`
}

func schemaJSON(w io.Writer, schema *column.Schema) error {
	doc := struct {
		Table   string       `json:"table"`
		Version int          `json:"version"`
		SHA256  string       `json:"sha256"`
		Columns []columnJSON `json:"columns"`
	}{schema.Table, schema.Version, schema.Hash(), nil}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		doc.Columns = append(doc.Columns, columnJSON{
			c.Name, c.Type.String(), string(c.Unit), c.Role.String(), c.Group, c.Null, c.Doc, c.Source,
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// schemaMarkdown is the content of docs/columns.md, and docs/columns-dns.md and the like.
func schemaMarkdown(schema *column.Schema, groups []groupDoc) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Columns of the %s table\n\n", schema.Table)
	fmt.Fprintf(&b, "Schema version %d, %d columns. Made by `make docs` from the code: edit the declarations there, not this page.\n", schema.Version, len(schema.Columns))
	b.WriteString("\nUnknown is null, never 0 or −1. `fwd` is from the initiator, `rev` from the responder. `leak_prone` columns name the testbed rather than the behaviour: leave them out of what a model learns from.\n")
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n%s.%s\n\n", g.name, capitalise(g.doc), optIn(g.optIn))
		b.WriteString("| column | type | unit | role | null when | meaning |\n|---|---|---|---|---|---|\n")
		for i := range schema.Columns {
			if c := &schema.Columns[i]; c.Group == g.name {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", c.Name, c.Type, cell(string(c.Unit)), c.Role, cell(c.Null), cell(meaning(c)))
			}
		}
	}
	return b.String()
}

func meaning(c *column.Column) string {
	if c.Source == "" {
		return c.Doc
	}
	return c.Doc + " Source: " + c.Source + "."
}

func optIn(yes bool) string {
	if yes {
		return " Only with `--features`: heavy."
	}
	return ""
}

func capitalise(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// cell keeps a text from ending a Markdown table's cell or being read as markup.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "\n", " ").Replace(s)
}

type featuresCmd struct{}

// Run implements the command.
func (featuresCmd) Run(s streams) error {
	table, err := flow.NewTable([]string{"all"}, flow.AddrText)
	if err != nil {
		return coded{job.ExitInternal, err}
	}
	columns := map[string]int{}
	for i := range table.Schema.Columns {
		columns[table.Schema.Columns[i].Group]++
	}
	var rows [][]string
	for _, g := range flow.Groups() {
		written := "default"
		switch {
		case g.OptIn:
			written = "opt-in"
		case g.Name == "core":
			written = "always"
		}
		rows = append(rows, []string{g.Name, strconv.Itoa(columns[g.Name]), written, g.Doc})
	}
	return writeTable(s.out, []string{"group", "columns", "written", "content"}, rows)
}
