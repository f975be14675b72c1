//go:build !linux && !darwin

package job

// usage is not measured on this system.
func usage() (user, system, rss int64) { return 0, 0, 0 }

func kernel() string { return "" }
