//go:build nounsafe

package flow

// ref is how a field of a Row is found: see ref.go.
type ref[T any] struct{ field func(*Row) *T }

func refer[T any](field func(*Row) *T) ref[T] { return ref[T]{field} }

// at returns the field of a Row.
func (f ref[T]) at(r *Row) *T { return f.field(r) }
