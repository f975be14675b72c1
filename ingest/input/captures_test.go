package input_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
)

var update = flag.Bool("update", false, "rewrite testdata/captures.tsv from what reading gives now")

const tablePath = "testdata/captures.tsv"

// verdict is what becomes of one capture as a container: outcome, reason, offset
// and packets.
type verdict struct{ outcome, reason, offset, packets string }

// differing are the captures whose packet count is not that of the table of
// truths, and why.
var differing = map[string]string{
	"malformed/crafted/ng_epb_unknown_interface.pcapng": "reading goes on behind the packet without interface",
	"malformed/crafted/bad_crc.pcap.gz":                 "the table's reader decompresses all first; capinfos has 16 like us",
	"malformed/crafted/gz_in_gz.pcap.gz":                "the table's reader decompresses one layer",
}

// TestSharedCaptures holds the outcome and the packet count of the shared
// captures: the stored table is what reading gave when last looked at, and its
// counts are those of the table of truths, which is another reader's. One in
// seven, and every malformed one; all with PCAPMILL_ACCEPT=1. The books of
// bytes must balance for every one.
func TestSharedCaptures(t *testing.T) {
	shared := sharedtest.Dir(t)
	truth := column(t, filepath.Join(shared, "truth", "captures.tsv"))
	stored := table(t)
	var lines []string
	for i, row := range truth {
		name, packets := row["capture"], row["packets"]
		if !*update && !sharedtest.Accept() && i%7 != 0 && !strings.HasPrefix(name, "malformed/") {
			continue
		}
		start := time.Now()
		got := judge(t, filepath.Join(shared, "captures", filepath.FromSlash(name)))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if want := stored[name]; got != want && !*update {
			t.Errorf("%s: %v, stored %v", name, got, want)
		}
		if _, known := differing[name]; got.packets != packets && !known {
			t.Errorf("%s: %s packets, the truth is %s", name, got.packets, packets)
		}
		lines = append(lines, strings.Join([]string{name, got.outcome, got.reason, got.offset, got.packets}, "\t"))
	}
	if *update {
		if err := os.WriteFile(tablePath, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// judge reads one capture to its end.
func judge(t *testing.T, path string) verdict {
	t.Helper()
	v := verdict{outcome: "complete"}
	c, err := input.Open(path, nil, input.DefaultConfig())
	packets, opened := 0, err == nil
	for b := new(packet.Block); err == nil; {
		b.Reset()
		err = c.Fill(b)
		packets += len(b.Records)
	}
	facts, closeErr := c.Close()
	if closeErr != nil {
		t.Errorf("%s: %v", path, closeErr)
	}
	if sum := facts.Info.Bytes.Sum(); sum != facts.Stream {
		t.Errorf("%s: %d bytes accounted for, of %d: %v", path, sum, facts.Stream, facts.Info.Bytes)
	}
	if facts.Compression == "none" && facts.Stream != facts.Bytes {
		t.Errorf("%s: stream of %d bytes in a file of %d", path, facts.Stream, facts.Bytes)
	}
	v.packets = strconv.Itoa(packets)
	if !errors.Is(err, io.EOF) {
		v.outcome, v.reason, v.offset = fault(err, opened)
	} else if facts.Info.Bytes[capfile.TrailingBytes] != 0 {
		t.Errorf("%s: complete, with %d bytes left", path, facts.Info.Bytes[capfile.TrailingBytes])
	} else if len(facts.Notes) > 0 {
		v.outcome = "complete_with_notes"
	}
	return v
}

// fault classifies an error as the manifest would.
func fault(err error, opened bool) (outcome, reason, offset string) {
	var format *capfile.FormatError
	var damage *capfile.DamageError
	var limit *capfile.LimitError
	var stream *decompress.StreamError
	var unsupported *decompress.UnsupportedError
	outcome = "rejected"
	if opened {
		outcome = "partial"
	}
	switch {
	case errors.As(err, &stream):
		return outcome, stream.Format.String() + "_stream", strconv.FormatInt(stream.Offset, 10)
	case errors.As(err, &format):
		return outcome, string(format.Reason), strconv.FormatInt(format.Offset, 10)
	case errors.As(err, &damage):
		return outcome, string(damage.Reason), strconv.FormatInt(damage.Offset, 10)
	case errors.As(err, &limit):
		return "limit", string(limit.Reason), strconv.FormatInt(limit.Offset, 10)
	case errors.As(err, &unsupported):
		return outcome, "unsupported_compression", ""
	}
	return outcome, fmt.Sprint(err), ""
}

// table reads the stored verdicts.
func table(t *testing.T) map[string]verdict {
	t.Helper()
	out := map[string]verdict{}
	data, err := os.ReadFile(tablePath)
	if err != nil && !*update {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) == 5 {
			out[f[0]] = verdict{f[1], f[2], f[3], f[4]}
		}
	}
	return out
}

// column reads a table with a line of names.
func column(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no table of captures: %v", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var names []string
	var rows []map[string]string
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if names == nil {
			names = cells
			continue
		}
		row := map[string]string{}
		for i, name := range names {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// TestSharedPrefixes reads every prefix of small shared captures, with and
// without salvage: packets never become fewer, salvage never has fewer, the
// outcome is complete only where nothing is left, and every byte is accounted
// for.
func TestSharedPrefixes(t *testing.T) {
	shared := sharedtest.Dir(t)
	folders, read := map[string]int{}, 0
	for _, row := range column(t, filepath.Join(shared, "truth", "captures.tsv")) {
		size, _ := strconv.Atoi(row["file_bytes"])
		name := row["capture"]
		folder := filepath.Dir(name) + row["container"] + row["endian"] + row["compression"]
		few, most := 1, 1200
		if sharedtest.Accept() {
			few, most = 4, 2500
		}
		if size > most || size < 100 || folders[folder] >= few || row["packets"] == "0" || row["compression"] != "" || read >= 40*few {
			continue
		}
		folders[folder]++
		read++
		file, err := os.ReadFile(filepath.Join(shared, "captures", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		plain := make([]int, len(file)+1)
		for _, salvage := range []bool{false, true} {
			prefixes(t, name, file, plain, salvage)
		}
	}
	if read < 20 {
		t.Errorf("only %d captures", read)
	}
}

// prefixes fills plain with the packets of each prefix without salvage, and
// compares with them with salvage.
func prefixes(t *testing.T, name string, file []byte, plain []int, salvage bool) {
	t.Helper()
	b := &packet.Block{Data: make([]byte, 0, 4096)}
	for cut := range len(file) + 1 {
		r, err := capfile.NewReader(strings.NewReader(string(file[:cut])), capfile.Config{Salvage: salvage})
		packets, opened := 0, err == nil
		for err == nil {
			b.Reset()
			err = r.Fill(b)
			packets += len(b.Records)
		}
		if salvage && packets < plain[cut] || !salvage && cut > 0 && packets < plain[cut-1] {
			t.Fatalf("%s, salvage %v: %d packets in %d bytes, without %d", name, salvage, packets, cut, plain[:cut+1])
		}
		if !salvage {
			plain[cut] = packets
		}
		if !opened {
			continue
		}
		info := r.Info()
		sum := info.Bytes.Sum()
		if sum > int64(cut) || sum != r.Offset() || (err == io.EOF || salvage) && sum != int64(cut) {
			t.Fatalf("%s, salvage %v: %d of %d bytes accounted for, %v", name, salvage, sum, cut, err)
		}
	}
}
