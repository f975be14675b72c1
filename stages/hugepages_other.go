//go:build !linux || nounsafe

package stages

// hugePages does nothing here: see its Linux twin.
func hugePages[T any]([]T) {}
