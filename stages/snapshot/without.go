//go:build nounsafe

package snapshot

import (
	"errors"
	"io"
	"reflect"
)

// errWithout is what a program built without unsafe says: fields of other packages can be
// neither read at once nor set.
var errWithout = errors.New("this build of the program has no unsafe, and so cannot save its state")

// Codec saves and loads nothing here: see codec.go.
type Codec struct{}

// New says why.
func New(reflect.Type, ...reflect.Type) (*Codec, error) { return nil, errWithout }

// Save says why.
func (*Codec) Save(io.Writer, string, any) error { return errWithout }

// Load says why.
func (*Codec) Load(io.Reader, string, any) error { return errWithout }
