//go:build !linux && !darwin && !windows

package main

import "os"

// terminalWidth knows no terminals on this system.
func terminalWidth(*os.File) (width int, ok bool) { return 0, false }
