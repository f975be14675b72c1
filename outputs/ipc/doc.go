// Package ipc writes tables as Arrow IPC, files (feather v2, ending .arrow) and
// streams, and counts the rows of files.
//
// Types follow from the schema alone, so every part of a table has the same:
//
//	int64, int32, double   the same
//	timestamp              timestamp[us, tz=UTC]
//	string, text           utf8
//	binary                 binary
//	lists                  list of non-null int64, int32, utf8
//
// Strings are not dictionary-encoded, whatever the batch holds: an IPC file can
// neither replace nor extend a dictionary between its record batches. Field
// metadata holds unit, role and doc; schema metadata the table, its version, the
// hash of its schema and what the caller adds. Record batches have a fixed number
// of rows, the last one excepted, so the bytes do not depend on how rows arrive.
package ipc
