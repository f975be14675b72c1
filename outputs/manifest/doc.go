// Package manifest holds the two documents of a run.
//
// manifest.json is deterministic: it depends on the inputs, the options that
// change rows, and the tool build, so two people get the same bytes. It is written
// last; a folder without it is no dataset. execution.json is the history of one
// execution: when, where, by whom, how long, with which warnings.
//
// # Form
//
// Both are JSON, indented by two spaces, keys in the order of the structs below
// and those of maps sorted, no HTML escapes, one line feed at the end. Each
// carries, as its second key, the hex SHA-256 of itself with that value empty;
// Read refuses a document whose bytes do not agree with it, so that any changed
// byte is noticed. That detects damage, not forgery: whoever can write the file
// can write the hash. Instants are nanoseconds since 1970 UTC in the manifest.
//
// # Versions
//
// A build reads the documents of its own version alone. What it must know of all
// others, to replace a dataset when asked to, is in an Outline: schema_version, the
// self hash, tool.name, tables[].name and files[].path mean in every version what
// they mean in this one.
//
// # Identity
//
// plan_id is a hash of what decides the rows apart from the inputs: semantic
// options, schemas, tool version. run_id is a hash of plan_id and the SHA-256 of
// each input, in order. Workers, paths and memory sizes are in neither.
//
// # Paths
//
// A path is stored as it was given where it is printable UTF-8. Any other has its
// unprintable bytes made visible and the raw bytes beside it in hex, so nothing is
// lost and nothing can harm a terminal.
package manifest
