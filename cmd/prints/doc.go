// Package prints reads fingerprints for commands: from documents and tables of them, and from
// hosts tables, of whose rows it makes them; and it writes them to files.
package prints
