// Package sqlite writes tables into one SQLite database and reads back what it wrote.
//
// # Databases of datasets
//
// File is the database of a dataset, tables.sqlite, with every table of the run:
//
//	int64, int32           INTEGER
//	double                 REAL; NaN is refused, as SQLite has none
//	timestamp              TEXT, RFC 3339 in UTC with six decimals, as in CSV; the exact
//	                       instant is in the _ns column beside it, an INTEGER
//	string, text           TEXT, as it is in the table: nothing is escaped
//	binary                 BLOB
//	lists                  TEXT, a JSON array, for json_each and ->>
//	null                   NULL; columns that never are have NOT NULL
//
// Tables are STRICT; rowid counts the rows from 1, in their order. What a flow is joined by
// (flow_id) and the first column of exact time have an index. Three tables describe the rest:
//
//	pcapmill_meta     key, value        plan_id, what the caller adds
//	pcapmill_tables   table_name, schema_version, schema_sha256, row_count
//	pcapmill_columns  table_name, position, column_name, type, unit, role, doc, null_rule,
//	                  source, feature_group
//
// application_id says that the file is ours and user_version is the version of this layout.
//
// # The same bytes for the same rows
//
// SQLite puts pages where it needs them, so tables written at the same time would mix. Each
// is therefore written into a database of its own, the first one into that which stays; at the
// end the others' pages are copied behind it, one table after the other, and then the indexes
// are made. Page size, encoding and the version of the library are fixed, nothing asks for the
// time, nothing is deleted. So the number of workers does not show, nor how rows came in batches.
//
// There is no journal: a file in the making has a temporary name, and if the process dies it is
// thrown away. Memory is a page cache for each table and one row; indexes are sorted in the
// folder for temporary files (SQLITE_TMPDIR, else TMPDIR, else /var/tmp) where they do not
// fit into a cache.
//
// # Reading
//
// Anyone may have written a file that is read. It is opened read-only and immutable, so that no
// journal beside it is replayed. Its schema must be, word for word, what this package writes for
// the tables that are expected: no view, trigger, virtual table, generated column or check of
// another is ever compiled. Then quick_check goes over every page. Size, rows and the length of
// a value have limits.
package sqlite
