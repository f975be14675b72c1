//go:build !linux && !darwin

package measure

// Usage is not measured on this system.
func Usage() (cpu float64, rss int64) { return 0, 0 }
