//go:build !unix

package main

// rotateSignals returns no rotations: there is no such signal here.
func rotateSignals() (<-chan struct{}, func()) { return nil, func() {} }
