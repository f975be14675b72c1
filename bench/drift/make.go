package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"pcapmill/bench/traffic"
)

// truthFile in a network's folder has a line for each hour.
const truthFile = "truth.jsonl"

// truth is what was generated for one hour.
type truth struct {
	hourRef
	traffic.HourTruth
}

// hourRef is what is read of it again.
type hourRef struct {
	Name      string `json:"name"` // of the folder with its tables
	Group     string `json:"group"`
	Reference bool   `json:"reference"`
	Network   uint64 `json:"network"` // seed
}

// made is a line of truthFile, as far as it is read.
type made struct {
	hourRef
	Seed    uint64         `json:"seed"`
	Change  traffic.Change `json:"change"`
	Service string         `json:"service"`
}

// Make writes the tables of all hours of a network to folder/NETWORK/HOUR, and their
// truth beside them once all are there. Binary is pcapmill.
func Make(binary, folder string, net Network) error {
	n, err := traffic.NewNetwork(net.Config)
	if err != nil {
		return err
	}
	dir := filepath.Join(folder, net.Name)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.RemoveAll(filepath.Join(dir, truthFile))); err != nil {
		return err
	}
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	for _, h := range net.Hours {
		said, err := makeHour(binary, dir, n, net.Seed, h)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", net.Name, h.Name(), err)
		}
		if err := enc.Encode(truth{hourRef{h.Name(), net.Group, h.Reference, net.Config.Seed}, said}); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, truthFile), lines.Bytes(), 0o644)
}

// Made reports whether Make has written the network to folder, whole.
func Made(folder string, net Network) bool {
	truths, err := readTruth(filepath.Join(folder, net.Name, truthFile))
	if err != nil || len(truths) != len(net.Hours) {
		return false
	}
	for i, t := range truths {
		if t.Name != net.Hours[i].Name() || t.Seed != net.Seed || t.Network != net.Config.Seed {
			return false
		}
	}
	return true
}

// readTruth reads what Make wrote.
func readTruth(file string) (truths []made, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(data) {
		var t made
		if err := json.Unmarshal(line, &t); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		truths = append(truths, t)
	}
	return truths, nil
}

// makeHour writes one hour's tables. Its capture does not stay.
func makeHour(binary, dir string, n *traffic.Network, seed uint64, h Hour) (traffic.HourTruth, error) {
	capture := filepath.Join(dir, h.Name()+".pcap")
	truth, err := writeCapture(capture, n, seed, h)
	if err != nil {
		return truth, err
	}
	defer os.Remove(capture)
	return truth, run(binary, capture, filepath.Join(dir, h.Name()))
}

// writeCapture writes one hour's packets.
func writeCapture(file string, n *traffic.Network, seed uint64, h Hour) (truth traffic.HourTruth, err error) {
	f, err := os.Create(file)
	if err != nil {
		return truth, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := traffic.NewCapture(f, "pcap")
	if err != nil {
		return truth, err
	}
	truth, err = n.Hour(w, seed, h.Index, h.Change)
	return truth, errors.Join(err, w.Close())
}

// run makes tables of a capture.
func run(binary, capture, out string) error {
	cmd := exec.Command(binary, "run", capture, "-o", out, "--force", "--windows", "all", "-q")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, said)
	}
	return nil
}
