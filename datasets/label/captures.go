package label

import "strings"

// packed are the endings that compressed files have.
var packed = [...]string{".gz", ".zst", ".lz4", ".xz", ".bz2"}

// PlainName is a path without the ending that compression gave it.
func PlainName(path string) string {
	for _, ending := range packed {
		if s, ok := strings.CutSuffix(path, ending); ok {
			return s
		}
	}
	return path
}

// Named returns which of some captures a name is of, by their position. Files are moved and
// compressed after others wrote down their names, so that those count which end in most of the
// name's elements, their compression aside; the last one must be the same. A capture of just that
// path is the one.
func Named(name string, paths []string) []bool {
	set, most := make([]bool, len(paths)), 1
	for i, p := range paths {
		if p == name {
			clear(set)
			set[i] = true
			return set
		}
		n := alike(PlainName(p), PlainName(name))
		if n > most {
			clear(set)
			most = n
		}
		set[i] = n == most
	}
	return set
}

// alike returns how many of the last elements of two paths are the same.
func alike(a, b string) (n int) {
	for {
		ai, bi := strings.LastIndexByte(a, '/'), strings.LastIndexByte(b, '/')
		if a[ai+1:] != b[bi+1:] {
			return n
		}
		n++
		if ai < 0 || bi < 0 {
			return n
		}
		a, b = a[:ai], b[:bi]
	}
}
