package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// terminalWidth returns a console's width in cells; ok is false where f is none.
func terminalWidth(f *os.File) (width int, ok bool) {
	var info windows.ConsoleScreenBufferInfo
	if windows.GetConsoleScreenBufferInfo(windows.Handle(f.Fd()), &info) != nil {
		return 0, false
	}
	return int(info.Window.Right-info.Window.Left) + 1, true
}
