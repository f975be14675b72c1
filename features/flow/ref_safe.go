//go:build nounsafe

package flow

// ref is how a field of an M is found: see ref.go.
type ref[M, T any] struct{ field func(*M) *T }

func refer[M, T any](field func(*M) *T) ref[M, T] { return ref[M, T]{field} }

// at returns the field of an M.
func (f ref[M, T]) at(m *M) *T { return f.field(m) }
