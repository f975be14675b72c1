package live

import "context"

// Analyse stands in for the real one until then.
func Analyse(ctx context.Context, o Options) (Report, error) { return analyse(ctx, &o, replayEngine()) }
