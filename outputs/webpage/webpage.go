// Package webpage is what our pages of HTML have in common: a head that lets nothing be loaded
// from elsewhere and no script run, and the style of the house, in light and dark.
package webpage

import (
	_ "embed"
	"html/template"
)

//go:embed head.html
var head string

// Parse returns the template of a page, which escapes what it is given by where it stands.
// Within its <head>, {{template "head" TITLE}} is the common one; a style of its own comes behind it.
// A source that is no template panics, as a page is part of the program.
func Parse(source string) *template.Template {
	return template.Must(template.Must(template.New("page").Parse(head)).Parse(source))
}
