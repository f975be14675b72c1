//go:build !linux && !darwin

package main

// usage is not measured on this system.
func usage() (cpu float64, rss int64) { return 0, 0 }
