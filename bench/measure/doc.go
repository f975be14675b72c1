// Package measure says what a benchmark's own process has cost.
package measure
