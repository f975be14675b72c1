package pack

import (
	"slices"
	"strings"

	"pcapmill/outputs/manifest"
)

// Sums returns SHA256SUMS of files, by path, as sha256sum writes and checks it.
func Sums(files []manifest.File) []byte {
	sorted := slices.SortedFunc(slices.Values(files), func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	var b strings.Builder
	for _, f := range sorted {
		b.WriteString(f.SHA256 + "  " + f.Path + "\n")
	}
	return []byte(b.String())
}
