package live

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/job"
)

// tablesOf runs over captures.
func tablesOf(t *testing.T, captures ...string) string {
	t.Helper()
	o := job.DefaultOptions()
	o.Args, o.Out = captures, filepath.Join(t.TempDir(), "out")
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	return o.Out
}

func TestCompare(t *testing.T) {
	path := writeNumbered(t, 400)
	same, other := tablesOf(t, path), tablesOf(t, writeNumbered(t, 401))
	rows, err := Compare(t.Context(), tablesOf(t, path), same)
	if err != nil || rows < 4 { // flows of three clients, and the capture
		t.Errorf("%d rows, %v", rows, err)
	}
	if _, err := Compare(t.Context(), other, same); err == nil || !strings.Contains(err.Error(), "row 1 is live") {
		t.Errorf("another capture: %v", err)
	}
	if _, err := Compare(t.Context(), t.TempDir(), same); err == nil {
		t.Error("tables that are not there are the same")
	}
}
