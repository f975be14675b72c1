package publish

import (
	"os"
	"path/filepath"
)

// Above returns a path without links in it, and the folders around it, the innermost first and the
// root last; none where nothing is at the path.
func Above(path string) (places []string) {
	at, err := filepath.Abs(path)
	if err == nil {
		at, err = filepath.EvalSymlinks(at)
	}
	if err != nil {
		return nil
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		places = append(places, at)
	}
	return append(places, at)
}

// Within reports whether a path is a folder, or lies in it, links in the path followed.
func Within(path string, folder os.FileInfo) bool {
	for _, place := range Above(path) {
		if info, err := os.Stat(place); err == nil && os.SameFile(info, folder) {
			return true
		}
	}
	return false
}
