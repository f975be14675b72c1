package folder

import (
	"slices"
	"strings"
)

var escaped = strings.NewReplacer(`\`, `\\`, ",", `\,`)

// JoinList is a list as one option of a manifest that no other list gives: its elements with commas
// between them, and a backslash before each comma or backslash in one, as labels may have.
func JoinList(all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = escaped.Replace(s)
	}
	return strings.Join(out, ",")
}

// SplitList reads what JoinList writes, without elements that are empty. A backslash before anything
// else stands for itself.
func SplitList(option string) []string {
	all, one, taken := []string(nil), []byte(nil), false
	for i := range len(option) {
		switch c := option[i]; {
		case c == '\\' && !taken && i+1 < len(option) && (option[i+1] == ',' || option[i+1] == '\\'):
			taken = true
			continue
		case c == ',' && !taken:
			all, one = append(all, string(one)), nil
		default:
			one = append(one, c)
		}
		taken = false
	}
	return slices.DeleteFunc(append(all, string(one)), func(s string) bool { return s == "" })
}
