package traffic

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Names of the files beside a week's captures.
const (
	WeekTruth  = "truth.jsonl" // a WeekFlow a line
	WeekRules  = "rules.json"  // the WeekRules
	WeekEVE    = "eve.json"    // alerts
	WeekCSV    = "flows.csv"   // labelled flows as CIC-IDS2017 has them: minutes, clocks of twelve hours, no zone
	WeekYAML   = "rules.yaml"
	WeekNetcap = "attacks.yml"

	// The same with clocks read as if they were those of UTC.
	WeekEVEWrong    = "wrong-zone-eve.json"
	WeekYAMLWrong   = "wrong-zone-rules.yaml"
	WeekNetcapWrong = "wrong-zone-attacks.yml"

	// What is of afternoons and evenings, by clocks of twelve hours that do not say so.
	WeekEVETwelve  = "wrong-clock-eve.json"
	WeekYAMLTwelve = "wrong-clock-rules.yaml"
)

// WriteFolder writes the days as pcap files and what is known of them, and returns the
// paths of the captures in order. The folder is there.
func (w *Week) WriteFolder(folder string) (captures []string, err error) {
	var days [WeekDays]PacketWriter
	var open []func() error
	defer func() {
		for _, done := range open {
			err = errors.Join(err, done())
		}
	}()
	for i := range days {
		path := filepath.Join(folder, w.DayName(i)+".pcap")
		day, done, err := createCapture(path)
		if err != nil {
			return nil, err
		}
		days[i] = day
		open = append(open, done)
		captures = append(captures, path)
	}
	if err := w.Write(days); err != nil {
		return nil, err
	}
	for _, f := range w.files() {
		if err := writeFile(filepath.Join(folder, f.name), f.write); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return captures, nil
}

// weekFile is one file beside the captures.
type weekFile struct {
	name  string
	write func(io.Writer) error
}

func (w *Week) files() []weekFile {
	right, wrong, twelve := written{zone: w.Zone, says: w.cfg.Zone}, written{zone: w.Zone, says: "UTC"}, written{zone: w.Zone, says: w.cfg.Zone, twelve: true}
	eve := func(c written) func(io.Writer) error {
		return func(out io.Writer) error { return w.writeEVE(out, c) }
	}
	yaml := func(c written) func(io.Writer) error {
		return func(out io.Writer) error { return w.writeYAML(out, c) }
	}
	netcap := func(c written) func(io.Writer) error {
		return func(out io.Writer) error { return w.writeNetcap(out, c) }
	}
	return []weekFile{
		{WeekTruth, w.writeTruth},
		{WeekRules, func(out io.Writer) error { return json.NewEncoder(out).Encode(w.Rules) }},
		{WeekCSV, w.writeCSV},
		{WeekEVE, eve(right)}, {WeekEVEWrong, eve(wrong)}, {WeekEVETwelve, eve(twelve)},
		{WeekYAML, yaml(right)}, {WeekYAMLWrong, yaml(wrong)}, {WeekYAMLTwelve, yaml(twelve)},
		{WeekNetcap, netcap(right)}, {WeekNetcapWrong, netcap(wrong)},
	}
}

func (w *Week) writeTruth(out io.Writer) error {
	enc := json.NewEncoder(out)
	for i := range w.Flows {
		if err := enc.Encode(&w.Flows[i]); err != nil {
			return err
		}
	}
	return nil
}

// createCapture returns a writer of a new pcap file and what completes it.
func createCapture(path string) (PacketWriter, func() error, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	buffered := bufio.NewWriterSize(f, 1<<18)
	c, err := NewCapture(buffered, "pcap")
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return c, func() error { return errors.Join(c.Close(), buffered.Flush(), f.Close()) }, nil
}

func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, buffered.Flush(), f.Close()) }()
	return write(buffered)
}
