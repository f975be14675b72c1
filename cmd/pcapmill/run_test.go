package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
)

func TestDemoRunsVerifiesAndIsDoneOnce(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	first := run(t, "run", "--demo", "-o", out).want(t, job.ExitOK).says(t, "demo.pcapng: complete", "flows")
	if first.out != "" {
		t.Errorf("stdout is for data, but has %q", first.out)
	}
	if strings.Contains(first.err, "\r") || strings.Contains(first.err, "\x1b") {
		t.Errorf("progress was drawn into a pipe: %q", first.err)
	}
	m := manifesttest.Read(t, out)
	if len(m.Inputs) != 1 || m.Inputs[0].Path != "demo.pcapng" || m.RunID == "" {
		t.Errorf("manifest lists %+v, run_id %q", m.Inputs, m.RunID)
	}
	run(t, "verify", out).want(t, job.ExitOK)

	before, err := os.ReadFile(filepath.Join(out, manifest.ExecutionName))
	if err != nil {
		t.Fatal(err)
	}
	run(t, "run", "--demo", "-o", out).want(t, job.ExitOK).says(t, "nothing to do")
	after, err := os.ReadFile(filepath.Join(out, manifest.ExecutionName))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the second run touched the dataset: %v", err)
	}
	run(t, "run", "--demo", "-o", out, "--packets", "10").want(t, job.ExitOutput).says(t, "--force")
	run(t, "run", "--demo", "-o", out, "--packets", "10", "--force").want(t, job.ExitOK)
	if got := manifesttest.Read(t, out).Accounting.PacketsRead; got != 10 {
		t.Errorf("--force left a dataset of %d packets", got)
	}
}

func TestSameInputsAreKnownBySizeTimeAndHash(t *testing.T) {
	dir := t.TempDir()
	data, out := demo(t), filepath.Join(dir, "out")
	path := writeFile(t, dir, "a.pcapng", data)
	run(t, "run", path, "-o", out).want(t, job.ExitOK)
	run(t, "run", path, "-o", out).want(t, job.ExitOK).says(t, "nothing to do")

	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	later := info.ModTime().Add(2e9)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	run(t, "run", path, "-o", out).want(t, job.ExitOK).says(t, "nothing to do")

	data[len(data)-10] ^= 1 // same size, other content
	writeFile(t, dir, "a.pcapng", data)
	run(t, "run", path, "-o", out).want(t, job.ExitOutput).says(t, "--force")
}

// TestForceReplacesAnotherVersion: what an older build wrote is ours too.
func TestForceReplacesAnotherVersion(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-o", out, "--format", "csv").want(t, job.ExitOK)
	path := filepath.Join(out, manifest.Name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const key = `"manifest_sha256": "`
	head, rest, _ := strings.Cut(strings.Replace(string(data), `"schema_version": 2`, `"schema_version": 1`, 1), key)
	head, rest = head+key, rest[2*sha256.Size:]
	writeFile(t, out, manifest.Name, fmt.Appendf(nil, "%s%x%s", head, sha256.Sum256([]byte(head+rest)), rest))

	r := run(t, "run", "--demo", "-o", out).want(t, job.ExitOutput).says(t, "another version of pcapmill", "--force")
	if strings.Count(r.err, "\n") != 1 {
		t.Errorf("more than a line: %s", r.err)
	}
	run(t, "run", "--demo", "-o", out, "--force").want(t, job.ExitOK)
	run(t, "verify", out).want(t, job.ExitOK)
	if left, err := filepath.Glob(filepath.Join(out, "flows", "*.csv")); err != nil || len(left) > 0 {
		t.Errorf("left of the older dataset: %v, %v", left, err)
	}
}

func TestForeignFolderIsNeverTouched(t *testing.T) {
	out := t.TempDir()
	writeFile(t, out, "thesis.txt", []byte("mine"))
	for _, args := range [][]string{nil, {"--force"}} {
		run(t, append([]string{"run", "--demo", "-o", out}, args...)...).want(t, job.ExitOutput).says(t, "not written by pcapmill")
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder now holds %v, %v", entries, err)
	}
}

// TestBadInputs holds the promise of one line that names file, outcome, reason
// and place, and of an exit code that says which kind of trouble it was.
func TestBadInputs(t *testing.T) {
	good := demo(t)
	cut := good[:len(good)*2/3]
	noise := bytes.Repeat([]byte{0xde, 0xad}, 5000)
	pointer := []byte("version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0", 64) + "\nsize 123\n")
	for _, test := range []struct {
		name    string
		data    []byte
		code    int
		outcome string
		reason  string
		packets bool // something was kept
	}{
		{"cut.pcapng", cut, job.ExitPartial, manifest.Partial, "truncated", true},
		{"empty.pcap", nil, job.ExitRejected, manifest.Rejected, "empty", false},
		{"noise.pcap", noise, job.ExitRejected, manifest.Rejected, "unknown_magic", false},
		{"text.pcap", []byte("dear diary, today no packets came\n"), job.ExitRejected, manifest.Rejected, "text", false},
		{"pointer.pcap", pointer, job.ExitRejected, manifest.Rejected, "git_lfs_pointer", false},
		{"packed.pcap.xz", append([]byte("\xfd7zXZ\x00"), noise...), job.ExitRejected, manifest.Rejected, "xz_damaged", false},
		{"packed.zip", append([]byte("PK\x03\x04"), noise...), job.ExitRejected, manifest.Rejected, "unsupported_compression", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path, out := writeFile(t, dir, test.name, test.data), filepath.Join(dir, "out")
			r := run(t, "run", path, "-o", out).want(t, test.code)
			lines := r.linesWith("/" + test.name + ":")
			if len(lines) != 1 {
				t.Fatalf("%d lines about the file, want one:\n%s", len(lines), r.err)
			}
			for _, part := range []string{test.outcome, test.reason, "offset", "kept"} {
				if !strings.Contains(lines[0], part) {
					t.Errorf("the line lacks %q: %s", part, lines[0])
				}
			}
			in := manifesttest.Read(t, out).Inputs[0]
			if in.Outcome != test.outcome || in.Reason != test.reason || in.Packets > 0 != test.packets || in.Bytes != int64(len(test.data)) {
				t.Errorf("manifest has outcome %s, reason %s, %d packets, %d bytes", in.Outcome, in.Reason, in.Packets, in.Bytes)
			}
			run(t, "verify", out).want(t, job.ExitOK)
			run(t, "run", path, "-o", out).want(t, test.code).says(t, "nothing to do")
			run(t, "run", path, "-o", out, "--quiet", "--force").want(t, test.code)
		})
	}
}

func TestBadInputsDoNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	good := demo(t)
	paths := []string{
		writeFile(t, dir, "cut.pcapng", good[:len(good)/2]),
		filepath.Join(dir, "missing.pcap"),
		writeFile(t, dir, "good.pcapng", good),
		writeFile(t, dir, "empty.pcap", nil),
	}
	out := filepath.Join(dir, "out")
	r := run(t, append([]string{"run", "-o", out, "--inputs", "independent"}, paths...)...).want(t, job.ExitRejected)
	r.says(t, "missing.pcap: rejected: not_found", "empty.pcap: rejected: empty", "cut.pcapng: partial: truncated", "good.pcapng: complete")
	m := manifesttest.Read(t, out)
	var kinds []string
	for _, in := range m.Inputs {
		kinds = append(kinds, in.Outcome)
	}
	if got := strings.Join(kinds, " "); got != "partial rejected complete_with_notes rejected" {
		t.Errorf("outcomes are %s", got)
	}
	if want := m.Inputs[0].Packets + m.Inputs[2].Packets; m.Accounting.PacketsRead != want {
		t.Errorf("%d packets in the run, %d in its inputs", m.Accounting.PacketsRead, want)
	}
}

func TestNothingToReadStartsNothing(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{filepath.Join(dir, "missing.pcap")}, {t.TempDir()}} {
		out := filepath.Join(dir, "out")
		run(t, append([]string{"run", "-o", out}, args...)...).want(t, job.ExitRejected)
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%v: an output folder was made", args)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no command":      {nil, "expected one of"},
		"unknown flag":    {[]string{"run", "--demo", "-o", out, "--wrokers", "2"}, "wrokers"},
		"unknown command": {[]string{"rum"}, "rum"},
		"no output":       {[]string{"run", "--demo"}, "--out"},
		"no input":        {[]string{"run", "-o", out}, "--demo"},
		"bad format":      {[]string{"run", "--demo", "-o", out, "--format", "xls"}, "parquet"},
		"bad group":       {[]string{"run", "--demo", "-o", out, "--features", "core,tpc"}, "tpc"},
		"no group":        {[]string{"run", "--demo", "-o", out, "--features", ""}, "--features"},
		"no record":       {[]string{"run", "--demo", "-o", out, "--records="}, "no record is named"},
		"no window":       {[]string{"run", "--demo", "-o", out, "--windows="}, "no table of windows"},
		"no value":        {[]string{"run", "--demo", "-o"}, "--out: needs a value"},
		"no number":       {[]string{"run", "--demo", "-o", out, "--workers"}, "--workers: needs a value"},
		"empty output":    {[]string{"label", out, "--rules", "r.yaml", "-o", ""}, "--out is empty"},
		"empty file":      {[]string{"fingerprint", out, "-o", ""}, "--out is empty"},
		"empty report":    {[]string{"drift", out, "--baseline", "x.bl", "-o", ""}, "--output is empty"},
		"no hosts":        {[]string{"baseline", "build", out, "-o", "x.bl", "--hosts", "0"}, "--hosts is 1 to"},
		"no alerts":       {[]string{"drift", out, "--baseline", "x.bl", "--alert-period", "1h"}, "name one with --alerts"},
		"no windows":      {[]string{"drift", out, "--baseline", "x.bl", "--from", "0", "--to", "0"}, "no window to judge"},
		"nothing to take": {[]string{"baseline", "export", "x.bl", "--force"}, "name one with --out"},
		"naive time":      {[]string{"run", "--demo", "-o", out, "--from", "2026-03-02T09:00:00"}, "zone"},
		"empty range":     {[]string{"run", "--demo", "-o", out, "--from", "2", "--to", "1"}, "before"},
		"bad pattern":     {[]string{"run", "--demo", "-o", out, "--include", "[a"}, "pattern"},
		"bad workers":     {[]string{"run", "--demo", "-o", out, "--workers", "1000"}, "workers"},
		"bad timeout":     {[]string{"run", "--demo", "-o", out, "--udp-idle", "0"}, "UDP idle"},
		"demo and file":   {[]string{"run", "--demo", "x.pcap", "-o", out}, "--demo"},
		"stdin twice":     {[]string{"run", "-", "-", "-o", out}, "once"},
		"unknown table":   {[]string{"schema", "sessions"}, "flows"},
		"unknown shell":   {[]string{"completion", "tcsh"}, "bash"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, test.args...).want(t, job.ExitUsage).says(t, test.says)
			if r.out != "" {
				t.Errorf("stdout has %q", r.out)
			}
			noDataset(t, out)
		})
	}
}

func TestStdinIsReadAsAPipe(t *testing.T) {
	dir := t.TempDir()
	data := demo(t)
	fromFile, fromPipe := filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	run(t, "run", writeFile(t, dir, "a.pcapng", data), "-o", fromFile).want(t, job.ExitOK)
	call{stdin: bytes.NewReader(data)}.run(t, "run", "-", "-o", fromPipe).want(t, job.ExitOK)
	if tableHash(t, fromFile) != tableHash(t, fromPipe) {
		t.Error("the same bytes from a pipe give other tables")
	}
	a, b := manifesttest.Read(t, fromFile), manifesttest.Read(t, fromPipe)
	if a.RunID != b.RunID || a.Inputs[0].SHA256 != b.Inputs[0].SHA256 {
		t.Error("the same bytes from a pipe give another run_id or SHA-256")
	}
	call{stdin: bytes.NewReader(data)}.run(t, "run", "-", "-o", fromPipe).want(t, job.ExitOutput).says(t, "--force")
}

func TestPacketsAndTimeRange(t *testing.T) {
	dir := t.TempDir()
	data := demo(t)
	path := writeFile(t, dir, "a.pcapng", data)
	other := writeFile(t, dir, "b.pcapng", data)

	few := filepath.Join(dir, "few")
	run(t, "run", path, other, "--packets", "100", "-o", few).want(t, job.ExitOK)
	m := manifesttest.Read(t, few)
	if m.Accounting.PacketsRead != 100 || m.Inputs[1].Packets != 0 || m.Inputs[1].Outcome != manifest.CompleteWithNotes {
		t.Errorf("--packets 100 read %d; the second input is %s with %d", m.Accounting.PacketsRead, m.Inputs[1].Outcome, m.Inputs[1].Packets)
	}

	whole := filepath.Join(dir, "whole")
	run(t, "run", path, "-o", whole).want(t, job.ExitOK)
	all := manifesttest.Read(t, whole)
	middle := (*all.Inputs[0].FirstNs + *all.Inputs[0].LastNs) / 2
	var kept int64
	for i, bound := range []string{"--from", "--to"} {
		out := filepath.Join(dir, bound)
		run(t, "run", path, bound, fmt.Sprint(middle), "-o", out).want(t, job.ExitOK)
		m := manifesttest.Read(t, out)
		if m.Accounting.PacketsRead != all.Accounting.PacketsRead {
			t.Errorf("%s: %d packets read, want all %d", bound, m.Accounting.PacketsRead, all.Accounting.PacketsRead)
		}
		kept += m.Accounting.PacketsRead - m.Accounting.Packets.Get("filtered")
		if i == 0 && *m.Inputs[0].FirstNs < middle || i == 1 && *m.Inputs[0].LastNs >= middle {
			t.Errorf("%s: first %d, last %d, bound %d", bound, *m.Inputs[0].FirstNs, *m.Inputs[0].LastNs, middle)
		}
	}
	if kept != all.Accounting.PacketsRead {
		t.Errorf("both halves of the time keep %d packets of %d", kept, all.Accounting.PacketsRead)
	}
}

func TestTablesDoNotDependOnWorkersTimeZoneOrLocale(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, dir, "a.pcapng", demo(t))
	want := ""
	for i, c := range []struct {
		workers string
		env     []string
	}{
		{"1", nil}, {"2", []string{"TZ=Asia/Kathmandu"}}, {"3", []string{"LC_ALL=tr_TR.UTF-8", "GOMAXPROCS=1"}}, {"8", []string{"GOMAXPROCS=4"}},
	} {
		out := filepath.Join(dir, fmt.Sprint(i))
		call{env: c.env}.run(t, "run", path, "-o", out, "--workers", c.workers, "--features", "all", "--part-rows", "100", "--row-group-rows", "64").want(t, job.ExitOK)
		got := tableHash(t, out)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("workers %s, %v: other bytes", c.workers, c.env)
		}
		if n := len(manifesttest.Read(t, out).Tables[0].Parts); n < 4 {
			t.Errorf("%d parts of 100 rows", n)
		}
	}
}

// TestDatabaseBytesDependOnNothingElse: tables that are written at the same time do not mix.
func TestDatabaseBytesDependOnNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, dir, "a.pcapng", demo(t))
	var want []byte
	for i, workers := range []string{"1", "2", "5"} {
		out := filepath.Join(dir, fmt.Sprint(i))
		run(t, "run", path, "-o", out, "--workers", workers, "--format", "sqlite").want(t, job.ExitOK)
		got, err := os.ReadFile(filepath.Join(out, "tables.sqlite"))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s workers: other bytes", workers)
		}
		if left, _ := filepath.Glob(filepath.Join(out, ".*")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

func TestFormatsAgreeOnRows(t *testing.T) {
	dir := t.TempDir()
	var rows int64
	for _, format := range job.Formats() {
		out := filepath.Join(dir, format)
		run(t, "run", "--demo", "-o", out, "--format", format, "--features", "all", "--part-rows", "200").want(t, job.ExitOK)
		run(t, "verify", out).want(t, job.ExitOK)
		table := manifesttest.Read(t, out).Tables[0]
		if rows == 0 {
			rows = table.Rows
		}
		if format == job.FormatSQLite {
			if table.Rows != rows || len(table.Parts) != 0 || table.File != "tables.sqlite" {
				t.Errorf("%s: %+v; want %d rows", format, table, rows)
			}
			continue
		}
		if table.Rows != rows || len(table.Parts) < 2 || !strings.HasSuffix(table.Parts[0].Path, "part-00000."+format) {
			t.Errorf("%s: %d rows in %d parts, the first %s; want %d rows", format, table.Rows, len(table.Parts), table.Parts[0].Path, rows)
		}
		if lines := countLines(t, out, table); format == "csv" || format == "tsv" {
			if lines != rows+int64(len(table.Parts)) { // and a header each
				t.Errorf("%s: %d lines for %d rows", format, lines, rows)
			}
		} else if format == "jsonl" && lines != rows {
			t.Errorf("%s: %d lines for %d rows", format, lines, rows)
		}
	}
}

func countLines(t *testing.T, out string, table manifest.Table) int64 {
	var n int64
	for _, p := range table.Parts {
		data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(p.Path)))
		if err != nil {
			t.Fatal(err)
		}
		n += int64(bytes.Count(data, []byte{'\n'}))
	}
	return n
}

func TestVerifyFindsAChangedByte(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-o", out).want(t, job.ExitOK)
	path := filepath.Join(out, "flows", "part-00000.parquet")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run(t, "verify", out).want(t, job.ExitSelfCheck); !strings.Contains(r.out, "part-00000.parquet: sha256") {
		t.Errorf("findings are %q", r.out)
	}
	run(t, "verify", t.TempDir()).want(t, job.ExitOutput)
}

func TestMachineReadableLog(t *testing.T) {
	dir := t.TempDir()
	data := demo(t)
	path := writeFile(t, dir, "cut.pcapng", data[:len(data)/2])
	r := run(t, "run", path, "-o", filepath.Join(dir, "out"), "--log-format", "json").want(t, job.ExitPartial)
	r.says(t, `"level":"WARN"`, `"outcome":"partial"`, `"reason":"truncated"`, `"exit_code":3`)
	for _, line := range strings.Split(strings.TrimSpace(r.err), "\n") {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}") {
			t.Errorf("not JSON: %s", line)
		}
	}
	quiet := run(t, "run", path, "-o", filepath.Join(dir, "quiet"), "-q").want(t, job.ExitPartial)
	if lines := strings.Count(quiet.err, "\n"); lines != 1 {
		t.Errorf("-q leaves %d lines, want the warning alone:\n%s", lines, quiet.err)
	}
}

func TestHostileFileNamesAreEscaped(t *testing.T) {
	dir := t.TempDir()
	name := "a\x1b[31m\n\u202eb.pcap"
	if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
		t.Skip("this file system has no such names:", err)
	}
	r := call{dir: dir}.run(t, "run", name, "-o", "out").want(t, job.ExitRejected)
	if strings.ContainsAny(r.err, "\x1b\u202e") || len(r.linesWith("rejected")) != 1 {
		t.Errorf("stderr is %q", r.err)
	}
	if raw, err := manifesttest.Read(t, filepath.Join(dir, "out")).Inputs[0].RawPath(); err != nil || raw != name {
		t.Errorf("the manifest's path is %q, %v", raw, err)
	}
}

// TestAddressesInEveryForm compares both forms, and what show prints of Parquet with
// the same table as CSV.
func TestAddressesInEveryForm(t *testing.T) {
	dir := t.TempDir()
	lines := map[string]string{}
	for _, format := range []string{"parquet", "csv"} {
		out := filepath.Join(dir, format)
		run(t, "run", "--demo", "-q", "-o", out, "--format", format, "--addr-format", "both").want(t, job.ExitOK)
		run(t, "verify", out).want(t, job.ExitOK)
	}
	lines["parquet"] = run(t, "show", filepath.Join(dir, "parquet", "flows"), "--format", "csv").want(t, job.ExitOK).out
	data, err := os.ReadFile(filepath.Join(dir, "csv", "flows", "part-00000.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if lines["csv"] = string(data); lines["csv"] != lines["parquet"] {
		t.Error("CSV and Parquet differ")
	}
	rows, err := csv.NewReader(strings.NewReader(lines["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lengths := map[int]int{}
	for _, name := range []string{"src_ip", "dst_ip"} {
		text, raw := slices.Index(rows[0], name), slices.Index(rows[0], name+"_binary")
		for _, row := range rows[1:] {
			addr, err := netip.ParseAddr(row[text])
			if err != nil || hex.EncodeToString(addr.AsSlice()) != row[raw] {
				t.Fatalf("%s: %s and %s, %v", name, row[text], row[raw], err)
			}
			lengths[len(row[raw])]++
		}
	}
	if lengths[8] == 0 || lengths[32] == 0 {
		t.Errorf("lengths of addresses: %v", lengths)
	}
	where := "src_ip_binary = " + rows[1][slices.Index(rows[0], "src_ip_binary")]
	if r := run(t, "show", filepath.Join(dir, "parquet", "flows"), "--where", where, "--select", "src_ip", "--format", "csv").want(t, job.ExitOK); !strings.Contains(r.out, rows[1][slices.Index(rows[0], "src_ip")]) {
		t.Errorf("%s: %s", where, r.out)
	}
}

func TestBinaryAddressesInsteadOfText(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-q", "-o", out, "--addr-format", "binary").want(t, job.ExitOK)
	run(t, "show", filepath.Join(out, "flows"), "--select", "src_ip").want(t, job.ExitUsage).says(t, "src_ip_binary")
	run(t, "show", filepath.Join(out, "flows"), "--select", "dst_ip_binary", "--stats").want(t, job.ExitOK)
	run(t, "run", "--demo", "-q", "-o", out).want(t, job.ExitOutput).says(t, "--force") // another plan
}

func TestShowNoRows(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-q", "-o", out).want(t, job.ExitOK)
	for _, flag := range []string{"--head", "--tail"} {
		r := run(t, "show", filepath.Join(out, "flows"), "--select", "protocol", flag, "0").want(t, job.ExitOK)
		if r.out != "protocol\n--------\n" || r.err != "" {
			t.Errorf("%s 0: stdout %q, stderr %q", flag, r.out, r.err)
		}
	}
}

// TestProfileThatCannotBeWritten is in the exit code, though the dataset is there.
func TestProfileThatCannotBeWritten(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-o", out, "--mem-profile", filepath.Join(out, "no", "profile")).want(t, job.ExitOutput).says(t, "no such file")
	run(t, "verify", out).want(t, job.ExitOK)
}
