// Package table turns what rows are made of into columns: a column is declared once, with
// what takes its value out of an R, which is a row to be, and a Writer fills batches of
// such columns.
package table
