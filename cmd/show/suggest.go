package show

import "pcapmill/outputs/text"

// Suggest returns "; did you mean …" with the known names close to name, or "".
func Suggest(name string, known []string) string { return text.Suggest(name, known) }
