package job

import "pcapmill/outputs/parts"

// The formats of tables: those of parts, and one that has all tables in one file.
const (
	FormatParquet = parts.Parquet
	FormatCSV     = parts.CSV
	FormatTSV     = parts.TSV
	FormatJSONL   = parts.JSONL
	FormatArrow   = parts.Arrow
	FormatSQLite  = "sqlite" // see database
)

// Formats lists the formats of tables, the default first.
func Formats() []string { return append(parts.Formats(), FormatSQLite) }
