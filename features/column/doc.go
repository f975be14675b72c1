// Package column is the column vocabulary: a column is declared once, as a
// Column literal with name, type, unit, role, documentation, null rule and
// source. The schema of every table, Parquet footers, `pcapmill schema`,
// docs/columns.md and the dictionary JSON are derived from those literals.
package column
