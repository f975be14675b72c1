// Package batch holds rows as columns: one Vector per column of a schema, laid
// out so that Arrow arrays can be wrapped around the values without a copy and
// Parquet pages can be written from them without building rows.
package batch
