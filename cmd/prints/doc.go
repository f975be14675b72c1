// Package prints reads fingerprints for commands: from documents of them, and from hosts
// tables, of whose rows it makes them.
package prints
