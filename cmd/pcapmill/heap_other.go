//go:build !linux

package main

// warmHeap does nothing here: see heap_linux.go.
func warmHeap(int64) {}
