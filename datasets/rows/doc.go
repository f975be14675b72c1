// Package rows reads tables batch by batch, side by side where they have the same rows, and
// copies rows from batches into others.
package rows
