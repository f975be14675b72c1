// Package prefetch asks the processor for memory that will be written soon, without
// waiting for it: loads that miss the caches then overlap with other work instead of
// stalling it. It changes no result, and does nothing where there is no instruction for it.
package prefetch
