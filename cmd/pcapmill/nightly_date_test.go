package main

import (
	"testing"

	"pcapmill/cmd/job"
)

// TestNightlyDateWithoutCaptures: a night of which there are no captures is no trouble with the disk.
func TestNightlyDateWithoutCaptures(t *testing.T) {
	h := newHours(t, "")
	run(t, "nightly", h.config, "--date", "2020-01-01").want(t, job.ExitRejected).says(t, "there are no captures of 2020-01-01")
}
