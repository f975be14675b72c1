package rules

import "errors"

var (
	// ErrConfig says that a configuration is none.
	ErrConfig = errors.New("configuration of rules")
	// ErrRule says that a file or a rule is wrong: the message has file, line and rule.
	ErrRule = errors.New("rules")
)

// ruleError is an ErrRule whose text is what is wrong, and no more.
type ruleError struct{ error }

// Is reports whether target is ErrRule.
func (ruleError) Is(target error) bool { return target == ErrRule }

// Unwrap returns what is wrong.
func (e ruleError) Unwrap() error { return e.error }
