package leak

import "errors"

var (
	// ErrConfig says that options do not fit, or not the dataset.
	ErrConfig = errors.New("leakage check")
	// ErrDataset says that a dataset cannot be read as one.
	ErrDataset = errors.New("dataset cannot be checked")
	// ErrLimit says that a dataset has more of something than is looked at.
	ErrLimit = errors.New("limit of the leakage check")
)
