package filter

import "fmt"

// Error says which part of an expression cannot be used, and why.
type Error struct {
	Token  string // as written; empty at the end of the expression
	Pos    int    // of the token's first byte, from 1
	Reason string
}

// Error names token and position.
func (e *Error) Error() string {
	if e.Token == "" {
		return fmt.Sprintf("at the end of the filter (position %d): %s", e.Pos, e.Reason)
	}
	return fmt.Sprintf("%q at position %d of the filter: %s", e.Token, e.Pos, e.Reason)
}

// errorAt returns the Error for a token.
func errorAt(t token, format string, args ...any) error {
	return &Error{Token: t.text, Pos: t.pos + 1, Reason: fmt.Sprintf(format, args...)}
}
