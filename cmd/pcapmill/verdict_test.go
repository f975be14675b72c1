package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pcapmill/cmd/job"
)

// gone is standard output whose reader has ended, as head does.
type gone struct{}

func (gone) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
}

// TestVerdictOutlivesReader: whoever reads no more does not make of what was found that nothing was.
func TestVerdictOutlivesReader(t *testing.T) {
	out := demoTables(t)
	wrong := save(t, "wrong.yaml", "version: 1\nrules: [{id: a}]\n")
	eve := save(t, "eve.json", `{"timestamp":"2026-03-02T09:00:00.000000+0000","event_type":"alert","src_ip":"192.0.2.10","src_port":1,`+
		`"dest_ip":"192.0.2.20","dest_port":2,"proto":"TCP","alert":{"gid":1,"signature_id":1,"signature":"s","category":"c","severity":1}}`+
		"\n"+`{"timestamp":"2026-03-02T09:00:00.000000+0000","event_type":"alert"}`+"\n")
	changed := demoTables(t)
	if err := os.Remove(filepath.Join(changed, "errors", "part-00000.parquet")); err != nil {
		t.Fatal(err)
	}
	errs, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer errs.Close() //nolint:errcheck // nobody reads it
	for _, test := range []struct {
		args []string
		code int
	}{
		{[]string{"verify", out}, job.ExitOK},
		{[]string{"verify", changed}, job.ExitSelfCheck},
		{[]string{"rules", "run", out}, job.ExitDrift},
		{[]string{"rules", "check", wrong}, job.ExitUsage},
		{[]string{"dataset", "check", checkedDir(t, true), "--label", "label"}, job.ExitDrift},
		{[]string{"label", "check", eve}, job.ExitPartial},
		{[]string{"show", filepath.Join(out, "flows")}, job.ExitOK}, // says nothing by its code
	} {
		if code := execute(append([]string{"pcapmill"}, test.args...), streams{out: gone{}, err: errs}); code != test.code {
			t.Errorf("%v: exit code %d, want %d", test.args, code, test.code)
		}
	}
}
