package leak

import (
	"strconv"

	"pcapmill/outputs/text"
)

// longestShown is how many cells of a line an example has at most.
const longestShown = 60

// clip makes a stranger's text one that can be shown.
func clip(s string) string {
	if len(s) > 4*longestShown {
		s = s[:4*longestShown]
	}
	return text.Truncate(text.Escape(s), longestShown)
}

func escaped(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = clip(s)
	}
	return out
}

// plurals is plural for words that end otherwise.
func plurals(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return text.Count(n) + " " + many
}

// short writes a number with four digits that count.
func short(x float64) string {
	if x == float64(int64(x)) && x < 1e15 && x > -1e15 {
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}
