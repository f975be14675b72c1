package labels

import "pcapmill/outputs/usage"

// ErrUsage: what is asked for does not go together, or is not there.
var ErrUsage = usage.Err
