package snapshot

import "errors"

// ErrDamaged is a stream that is not what Save wrote.
var ErrDamaged = errors.New("the saved state is damaged")

// Why a stream that is not damaged is refused.
var (
	ErrFormat = errors.New("it is no saved state")
	ErrBuild  = errors.New("the state was saved by another build of the program")
	ErrLabel  = errors.New("the state was saved with other settings")
)
