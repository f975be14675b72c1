package sketch

import "errors"

var (
	// ErrMismatch says that two summaries differ in scale, precision or cap.
	ErrMismatch = errors.New("summaries differ in their parameters")
	// ErrFull says that a sum of counts exceeds MaxCount. Nothing was merged.
	ErrFull = errors.New("summary holds too many values")
	// ErrVersion says that bytes begin with another kind of summary, or with a later version.
	ErrVersion = errors.New("not this summary, or of another version")
	// ErrCorrupt says that bytes are cut, or are not what AppendBinary writes for any state.
	ErrCorrupt = errors.New("not the encoding of a summary")
	// ErrEmpty says that a distance was asked for where one side has no values.
	ErrEmpty = errors.New("no values to compare")
	// ErrNoSpread says that what a distance is divided by is 0.
	ErrNoSpread = errors.New("the reference has no spread")
)

// MaxCount is how many values a summary may hold. It takes no more by Add, and Merge
// refuses more; so no sum can wrap, whatever was decoded and merged before.
const MaxCount = 1 << 60

// plus adds counts of what was left out; such a sum ends at MaxCount.
func plus(a, b uint64) uint64 { return min(a+b, MaxCount) }
