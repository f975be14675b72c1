package main

// liveCmd are the commands of live mode.
type liveCmd struct {
	Forward liveForwardCmd `cmd:"" help:"Send the alerts of a folder to a syslog server."`
}
