package main

import (
	"slices"

	"github.com/alecthomas/kong"
)

// liveCmd are the commands about captures that go on.
type liveCmd struct {
	Start   liveStartCmd   `cmd:"" default:"withargs" help:"Capture, and make tables while it goes on."`
	Capture liveCaptureCmd `cmd:"" help:"Capture packets of an interface into segments, and nothing else."`
	Analyse liveAnalyseCmd `cmd:"" help:"Turn segments into tables while they come."`
	Forward liveForwardCmd `cmd:"" help:"Send the alerts of a folder to a syslog server."`
}

// notLive are flags that live commands share with run and refuse; see job.Options.Steady.
var notLive = []string{"inputs", "merge", "packets", "save-streams", "save-errors", "unknown", "unknown-limit", "input-hash"}

// hideNotLive leaves them out of the help and completion of live commands.
func hideNotLive(k *kong.Kong) error {
	for _, node := range k.Model.Children {
		if node.Name != "live" {
			continue
		}
		for _, command := range node.Children {
			for _, f := range command.Flags {
				f.Hidden = f.Hidden || slices.Contains(notLive, f.Name)
			}
		}
	}
	return nil
}

// Help implements kong.HelpProvider: how the commands belong together.
func (liveCmd) Help() string {
	return `
"live -i eth0 -o tables" is "live start", which starts capture and analyse, and whose help
has all flags. As services the parts run apart: docs/systemd. The interfaces command lists
what can be captured, and why not.

    pcapmill live -i eth0 -o tables
    pcapmill live capture -i eth0 --segments seg
    pcapmill live analyse seg -o tables
    pcapmill live forward tables --syslog tcp://log.example:601`
}
