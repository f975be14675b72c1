package text

import "strconv"

// Count writes a whole number with commas between thousands.
func Count(n int64) string { return Grouped(strconv.FormatInt(n, 10)) }

// Grouped puts commas between thousands of a whole number's digits.
func Grouped(digits string) string {
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Plural is a number of things.
func Plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}
