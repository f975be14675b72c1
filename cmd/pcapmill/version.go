package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
)

// version is the release that this tree becomes.
const version = "0.1.0"

// tool describes this build.
func tool() manifest.Tool {
	info, _ := debug.ReadBuildInfo()
	return manifest.NewTool(manifest.ToolName, version, info)
}

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(s streams) error {
	t := tool()
	commit := t.Revision
	switch {
	case commit == "":
		commit = "unknown"
	case t.Modified:
		commit += " (modified)"
	}
	_, err := fmt.Fprintf(s.out, "pcapmill %s\ncommit %s\nbuild ID %s\n%s %s/%s\n", t.Version, commit, cmp.Or(job.BuildID(), "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
