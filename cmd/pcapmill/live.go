package main

// liveCmd are the commands of live mode.
type liveCmd struct {
	Capture liveCaptureCmd `cmd:"" help:"Capture packets of an interface into segments, and nothing else."`
}
