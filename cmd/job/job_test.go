package job_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/outputs/publish"
)

// timeOne is a modification time that no file of a test has by itself.
var timeOne = time.Unix(1, 0)

func demo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := traffic.Demo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// options returns the defaults for inputs written into a folder of their own.
func options(t *testing.T, inputs map[string][]byte, args ...string) job.Options {
	t.Helper()
	dir := t.TempDir()
	o := job.DefaultOptions()
	o.Out = filepath.Join(dir, "out")
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	for name, data := range inputs {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range args {
		o.Args = append(o.Args, filepath.Join(dir, a))
	}
	return o
}

func TestReportAgreesWithTheGeneratorsTruth(t *testing.T) {
	var b bytes.Buffer
	truth, err := traffic.Demo(&b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), options(t, map[string][]byte{"a": b.Bytes()}, "a"), job.IO{})
	if err != nil || r.Exit != job.ExitOK {
		t.Fatalf("exit %d, %v", r.Exit, err)
	}
	if r.Accounting.Read != truth.Tally {
		t.Errorf("read %+v, written %+v", r.Accounting.Read, truth.Tally)
	}
	for i, want := range truth.ByOutcome {
		if got := r.Accounting.By[i]; got != want {
			t.Errorf("%s: %+v, written %+v", packet.Outcome(i), got, want)
		}
	}
}

func TestMixedLinkTypesAreCountedByName(t *testing.T) {
	var b bytes.Buffer
	w, err := capfile.NewPcapngWriter(&b, capfile.PcapngConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for i, link := range []packet.LinkType{packet.LinkEthernet, 189, 147} {
		if _, err := w.AddInterface(capfile.DefaultInterface(link)); err != nil {
			t.Fatal(err)
		}
		for n := range i + 1 {
			if err := w.WritePacket(i, int64(n), 60, make([]byte, 60)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), options(t, map[string][]byte{"a": b.Bytes()}, "a"), job.IO{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Links) != 2 || r.Links[0].Link != 147 || r.Links[0].Packets != 3 || r.Links[1].Packets != 2 {
		t.Errorf("links are %+v", r.Links)
	}
	if in := r.Inputs[0]; in.Outcome.Kind != manifest.CompleteWithNotes || !strings.Contains(in.Line(), "unsupported_link: 3") || !strings.Contains(in.Line(), "other_link: 2") {
		t.Errorf("%s", in.Line())
	}
}

func TestFoldersStandForTheirCaptures(t *testing.T) {
	data := demo(t)
	o := options(t, map[string][]byte{"b.pcapng": data, "notes.txt": []byte("not a capture\n"), "a.tmp": data})
	o.Args = []string{filepath.Dir(o.Out)}
	o.Out = filepath.Join(t.TempDir(), "out")
	o.Filter.Exclude = []string{"*.tmp"}
	r, err := job.Run(context.Background(), o, job.IO{})
	if err != nil || len(r.Inputs) != 1 || r.Left != 2 {
		t.Fatalf("%d inputs, %d left, %v", len(r.Inputs), r.Left, err)
	}
	m := manifesttest.Read(t, o.Out)
	var why []string
	for _, n := range m.NotProcessed {
		why = append(why, filepath.Base(n.What)+" "+n.Reason)
	}
	if got := strings.Join(why, ", "); got != "a.tmp excluded, notes.txt not_a_capture" {
		t.Errorf("not processed: %s", got)
	}
}

// TestLongTextsAreWritten: of a request with long names in letters of several bytes, flows have
// whole letters, or their table would be refused.
func TestLongTextsAreWritten(t *testing.T) {
	request := "GET / HTTP/1.1\r\nHost: " + strings.Repeat("ü", 200) + "\r\nUser-Agent: a" + strings.Repeat("ü", 300) + "\r\n\r\n"
	frame := traffic.TCP(netip.MustParseAddrPort("192.0.2.1:4000"), netip.MustParseAddrPort("198.51.100.2:80"), packet.ACK, 1, 1, 500, []byte(request))
	var b bytes.Buffer
	w, err := capfile.NewPcapngWriter(&b, capfile.PcapngConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(capfile.DefaultInterface(packet.LinkEthernet)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WritePacket(0, 1, uint32(len(frame)), frame), w.Flush()); err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), options(t, map[string][]byte{"a": b.Bytes()}, "a"), job.IO{})
	if err != nil || r.Exit != job.ExitOK {
		t.Errorf("exit %d, %v", r.Exit, err)
	}
}

// TestMalformedMessagesAreCounted holds that the manifest says of how many messages a
// table lacks the end, and that it has the tables that were asked for.
func TestMalformedMessagesAreCounted(t *testing.T) {
	message := "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00" // a byte of the class is missing
	udp := append([]byte{0x45, 0, 0, byte(28 + len(message)), 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 99, 0, 53, 0, byte(8 + len(message)), 0, 0}, message...)
	var b bytes.Buffer
	w, err := capfile.NewPcapngWriter(&b, capfile.PcapngConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(capfile.DefaultInterface(packet.LinkIPv4)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WritePacket(0, 1, uint32(len(udp)), udp), w.Flush()); err != nil {
		t.Fatal(err)
	}
	o := options(t, map[string][]byte{"a": b.Bytes()}, "a")
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	m := manifesttest.Read(t, o.Out)
	rows := map[string]int64{}
	for _, table := range m.Tables {
		rows[table.Name] = table.Rows
	}
	if rows["dns"] != 1 || rows["errors"] != 1 || rows["slots"] != 1 || rows["hosts"] != 2 || rows["pairs"] != 1 || !slices.Contains(m.Notes, "dns: 1 of 1 messages could not be read to their end (malformed)") {
		t.Errorf("tables %+v, notes %q", m.Tables, m.Notes)
	}
	if want := (manifest.ErrorCount{Layer: "dns", Outcome: "in_flow", Reason: "cut_message", N: 1}); len(m.Errors) != 1 || m.Errors[0] != want {
		t.Errorf("errors %+v", m.Errors)
	}
	o.Stages.Records, o.Stages.Windows, o.Stages.Errors, o.Out = []string{"none"}, []string{"none"}, false, o.Out+"2"
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	if m := manifesttest.Read(t, o.Out); len(m.Tables) != 1 || len(m.Notes) != 0 {
		t.Errorf("without records: tables %+v, notes %q", m.Tables, m.Notes)
	}
}

func TestManifestDependsOnInputsAndOptionsOnly(t *testing.T) {
	data := demo(t)
	var first []byte
	for i, workers := range []int{1, 4} {
		o := options(t, map[string][]byte{"a": data}, "a")
		o.Stages.Workers, o.Parquet.Encoders = workers, workers
		t.Chdir(filepath.Dir(o.Out))
		o.Args, o.Out = []string{"a"}, "out"
		if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("out", manifest.Name))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got
		} else if !bytes.Equal(got, first) {
			t.Errorf("%d workers give another manifest", workers)
		}
	}
}

func TestPlanChangesWithEveryOptionThatShowsInTables(t *testing.T) {
	data := demo(t)
	plan := func(change func(*job.Options)) string {
		o := options(t, map[string][]byte{"a": data}, "a")
		o.Stages.Packets = 10
		change(&o)
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil {
			t.Fatal(err)
		}
		return r.PlanID
	}
	base := plan(func(*job.Options) {})
	for name, change := range map[string]func(*job.Options){
		"inputs":         func(o *job.Options) { o.Stages.Inputs = "independent" },
		"timers":         func(o *job.Options) { o.Stages.Timeouts.Zeek = true },
		"tcp idle":       func(o *job.Options) { o.Stages.Timeouts.TCPIdle++ },
		"tcp closed":     func(o *job.Options) { o.Stages.Timeouts.TCPClosed++ },
		"udp idle":       func(o *job.Options) { o.Stages.Timeouts.UDPIdle++ },
		"other idle":     func(o *job.Options) { o.Stages.Timeouts.OtherIdle++ },
		"active":         func(o *job.Options) { o.Stages.Timeouts.Active++ },
		"features":       func(o *job.Options) { o.Stages.Features = []string{"core"} },
		"records":        func(o *job.Options) { o.Stages.Records = []string{"none"} },
		"errors":         func(o *job.Options) { o.Stages.Errors = false },
		"save errors":    func(o *job.Options) { o.Stages.SaveErrors = true },
		"unknown":        func(o *job.Options) { o.Stages.Unknown = true },
		"addr format":    func(o *job.Options) { o.Stages.Addresses = "both" },
		"first packets":  func(o *job.Options) { o.Stages.First++ },
		"payload bytes":  func(o *job.Options) { o.Stages.Flow.PayloadBytes++ },
		"from":           func(o *job.Options) { o.Stages.From = 1 },
		"to":             func(o *job.Options) { o.Stages.To-- },
		"packets":        func(o *job.Options) { o.Stages.Packets++ },
		"checksums":      func(o *job.Options) { o.Stages.Checksums = false },
		"format":         func(o *job.Options) { o.Format = job.FormatCSV },
		"row group rows": func(o *job.Options) { o.Parquet.RowGroupRows++ },
		"part rows":      func(o *job.Options) { o.Parquet.PartRows++ },
		"exclude":        func(o *job.Options) { o.Filter.Exclude = []string{"x"} },
		"tool":           func(o *job.Options) { o.Tool.Version = "next" },
	} {
		if plan(change) == base {
			t.Errorf("%s is not in plan_id", name)
		}
	}
	for name, change := range map[string]func(*job.Options){
		"workers":  func(o *job.Options) { o.Stages.Workers = 5 },
		"encoders": func(o *job.Options) { o.Parquet.Encoders = 3 },
		"hash":     func(o *job.Options) { o.Input.Hash = "none" },
		"command":  func(o *job.Options) { o.Command = []string{"x"} },
	} {
		if plan(change) != base {
			t.Errorf("%s is in plan_id", name)
		}
	}
}

func TestWithoutHashesInputsAreKnownByStampsAlone(t *testing.T) {
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	o.Input.Hash = "none"
	r, err := job.Run(context.Background(), o, job.IO{})
	if err != nil || r.RunID != "" {
		t.Fatalf("run_id %q, %v", r.RunID, err)
	}
	if r, err = job.Run(context.Background(), o, job.IO{}); err != nil || !r.Nothing {
		t.Fatalf("nothing to do: %v, %v", r.Nothing, err)
	}
	if err := os.Chtimes(o.Args[0], timeOne, timeOne); err != nil {
		t.Fatal(err)
	}
	if _, err = job.Run(context.Background(), o, job.IO{}); !errors.Is(err, publish.ErrOther) {
		t.Errorf("a file of another time, not hashed: %v", err)
	}
}

// cause is what cmd/pcapmill ends a context with on a signal.
type cause struct{}

func (cause) Error() string { return "stop" }
func (cause) ExitCode() int { return 130 }

// slow is a standard input that delivers a start and then waits for the end of
// the test.
type slow struct {
	data    []byte
	waiting func()
	end     chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.data) == 0 {
		s.waiting()
		<-s.end
		return 0, io.EOF
	}
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
}

func TestCancelledWhileWaitingForInput(t *testing.T) {
	o := options(t, nil)
	o.Args = []string{"-"}
	ctx, cancel := context.WithCancelCause(context.Background())
	var once sync.Once
	in := &slow{demo(t), func() { once.Do(func() { cancel(cause{}) }) }, make(chan struct{})}
	defer close(in.end)
	r, err := job.Run(ctx, o, job.IO{Stdin: in})
	if err == nil || r.Exit != 130 {
		t.Fatalf("exit %d, %v", r.Exit, err)
	}
	if _, err := os.Stat(o.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the output folder is there: %v", err)
	}
}

// TestBusyFolder holds a folder open for another run.
func TestBusyFolder(t *testing.T) {
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	d, _, err := publish.Open(o.Out, publish.Owner{PlanID: strings.Repeat("0", 64)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Abort() //nolint:errcheck // only a lock
	r, err := job.Run(context.Background(), o, job.IO{})
	if !errors.Is(err, publish.ErrBusy) || r.Exit != job.ExitUsage {
		t.Errorf("exit %d, %v", r.Exit, err)
	}
}

func TestOneFileUnderTwoNamesIsRefused(t *testing.T) {
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	dir := filepath.Dir(o.Args[0])
	link := filepath.Join(t.TempDir(), "b")
	if err := os.Link(o.Args[0], link); err != nil {
		t.Fatal(err)
	}
	for name, second := range map[string]string{
		"other spelling": dir + "/./a",
		"hard link":      link,
		"its folder":     dir,
	} {
		o.Args = []string{filepath.Join(dir, "a"), second}
		o.Out = filepath.Join(t.TempDir(), "out")
		r, err := job.Run(context.Background(), o, job.IO{})
		if r.Exit != job.ExitUsage || err == nil || !strings.Contains(err.Error(), "same input") {
			t.Errorf("%s: exit %d, %v", name, r.Exit, err)
		}
	}
}

// TestNamedInputs has the names that captures had elsewhere, twice the same file too.
func TestNamedInputs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "found")
	if err := job.WriteDemo(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	o := job.DefaultOptions()
	o.Out = filepath.Join(dir, "out")
	o.Named = []job.Named{{Path: path, Name: "day/one.pcapng"}, {Path: path, Name: "day/two.pcapng"}}
	report, err := job.Run(context.Background(), o, job.IO{})
	if err != nil || len(report.Inputs) != 2 {
		t.Fatalf("%+v, %v", report.Inputs, err)
	}
	for i, want := range o.Named {
		if got := report.Inputs[i].Name; got != want.Name {
			t.Errorf("input %d is %s and not %s", i, got, want.Name)
		}
	}
	if o.Args = []string{path}; o.Validate() == nil {
		t.Error("captures by path and by name are taken together")
	}
}
