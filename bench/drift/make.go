package drift

import (
	"bufio"
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

// Truth is what was generated for one hour.
type Truth struct {
	Name      string `json:"name"` // of the folder with its tables
	Group     string `json:"group"`
	Reference bool   `json:"reference"`
	traffic.HourTruth
}

// Make writes the tables of all hours of a network to folder/NETWORK/HOUR, and their
// truth beside them. Binary is pcapmill.
func Make(binary, folder string, net Network) (err error) {
	n, err := traffic.NewNetwork(net.Config)
	if err != nil {
		return err
	}
	dir := filepath.Join(folder, net.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, truthFile))
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, buffered.Flush(), f.Close()) }()
	enc := json.NewEncoder(buffered)
	for _, h := range net.Hours {
		truth, err := makeHour(binary, dir, n, net.Seed, h)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", net.Name, h.Name(), err)
		}
		if err := enc.Encode(Truth{h.Name(), net.Group, h.Reference, truth}); err != nil {
			return err
		}
	}
	return nil
}

// Made reports whether Make has written the network to folder, whole.
func Made(folder string, net Network) bool {
	truths, err := readTruth(filepath.Join(folder, net.Name, truthFile))
	if err != nil || len(truths) != len(net.Hours) {
		return false
	}
	for i, t := range truths {
		if t.Name != net.Hours[i].Name() || t.Seed != net.Seed {
			return false
		}
	}
	return true
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
