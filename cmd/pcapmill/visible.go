package main

import (
	"errors"
	"io/fs"
	"strings"

	"pcapmill/outputs/text"
)

// visible is an error's text as it may be shown: what is unprintable is escaped,
// the line ends in a path too. Other line ends and backslashes stay, as packages
// have escaped what they quote.
func visible(err error) string {
	s := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) && path.Path != "" {
		s = strings.ReplaceAll(s, path.Path, text.Escape(path.Path))
	}
	var b strings.Builder
	for {
		i := strings.IndexAny(s, "\\\n")
		if i < 0 {
			b.WriteString(text.Escape(s))
			return b.String()
		}
		b.WriteString(text.Escape(s[:i]))
		b.WriteByte(s[i])
		s = s[i+1:]
	}
}
