package text

import (
	"cmp"
	"slices"
	"strings"
)

// maxSuggestions bounds the names that a message lists.
const maxSuggestions = 4

// Suggest returns "; did you mean …" with the known names close to name, or "".
func Suggest(name string, known []string) string {
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, k := range known {
		d := distance(name, k)
		if d <= max(2, len(name)/3) || name != "" && strings.Contains(k, name) {
			found = append(found, near{k, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	if len(found) == 0 {
		return ""
	}
	names := make([]string, 0, maxSuggestions)
	for _, f := range found[:min(len(found), maxSuggestions)] {
		names = append(names, Escape(f.name))
	}
	return "; did you mean " + strings.Join(names, ", ") + "?"
}

// distance is the number of single-byte insertions, deletions and replacements
// that make b of a (Levenshtein). Long names are never close.
func distance(a, b string) int {
	const long = 100
	if len(a) > long || len(b) > long {
		return long
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
