//go:build nounsafe || !amd64

package prefetch

// Write does nothing here: see prefetch_amd64.go.
func Write[T any](*T) {}

// WriteBoth does nothing here.
func WriteBoth[T any](*T, *T) {}
