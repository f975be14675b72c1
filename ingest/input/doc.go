// Package input opens captures by name: it expands files and directories into
// an ordered list, removes compression, and hashes the stored bytes while they
// are parsed.
//
//	path ─► file ─► hash (own goroutine) ─► decompress ─► capfile ─► Blocks
package input
