package watch

import "errors"

var (
	// ErrConfig says that a Config makes no sense.
	ErrConfig = errors.New("what to look for")
	// ErrOrder says that a commit came that is no later than the one before it.
	ErrOrder = errors.New("commits out of order")
	// ErrState says that OUT/watch.json is none of ours.
	ErrState = errors.New("not what is known of segments before")
)
