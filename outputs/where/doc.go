// Package where is the language of conditions on the rows of tables: an expression over a
// table's columns becomes a Predicate over its batches. show's --where and rules are written
// in it. A condition on a value that is null is neither true nor false.
package where
