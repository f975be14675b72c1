package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peerbench:", err)
		os.Exit(1)
	}
}

// arguments are the parsed flags.
type arguments struct {
	file, binary, totals   string
	rounds                 int
	slow                   bool
	peers, workers, hashes []string
	extra                  []string
}

func parse(args []string) (arguments, error) {
	var a arguments
	fs := flag.NewFlagSet("peerbench", flag.ContinueOnError)
	fs.StringVar(&a.file, "file", "", "capture to read")
	fs.StringVar(&a.binary, "pcapmill", "", "our binary; empty: peers only")
	fs.StringVar(&a.totals, "totals", "", "JSON that trafficgen printed for the capture, for packets per second")
	fs.IntVar(&a.rounds, "rounds", 5, "times that each contender runs")
	fs.BoolVar(&a.slow, "slow", false, "run ndpiReader and tshark too, once")
	names := fs.String("peers", "tcpdump,nfpcapd,softflowd,argus,ndpiReader,tshark", "peers to run; none: no peer")
	workers := fs.String("workers", "1,2", "values of --workers")
	hashes := fs.String("input-hash", "none,sha256", "values of --input-hash")
	extra := fs.String("run-flags", "", "more flags for pcapmill run, separated by spaces")
	if err := fs.Parse(args); err != nil {
		return a, err
	}
	a.peers, a.workers, a.hashes = strings.Split(*names, ","), strings.Split(*workers, ","), strings.Split(*hashes, ",")
	a.extra = strings.Fields(*extra)
	if a.file == "" || a.rounds < 1 {
		return a, errors.New("--file and at least one round are required")
	}
	return a, nil
}

func run(args []string) error {
	a, err := parse(args)
	if err != nil {
		return err
	}
	sink, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer sink.Close()
	ours := []contender{}
	if a.binary != "" {
		ours = pcapmills(a.binary, a.workers, a.hashes, a.extra)
	}
	field := present(append(ours, chosen(peers(sink.LocalAddr().String()), a)...))
	if len(field) == 0 {
		return errors.New("nothing to run")
	}
	if err := warm(a.file); err != nil {
		return err
	}
	results, err := race(field, a)
	if err != nil {
		return err
	}
	return report(os.Stdout, a, field, results)
}

// chosen keeps the peers that the flags ask for.
func chosen(all []contender, a arguments) []contender {
	var list []contender
	for _, c := range all {
		for _, name := range a.peers {
			if c.name == name && (a.slow || !c.slow) {
				list = append(list, c)
			}
		}
	}
	return list
}

// present prints each contender's version and drops those that are missing.
func present(all []contender) []contender {
	var list []contender
	for _, c := range all {
		if _, err := exec.LookPath(c.program); err != nil {
			fmt.Printf("%-28s not installed: %s\n", c.name, c.install)
			continue
		}
		fmt.Printf("%-28s %s\n", c.name, c.versionLine())
		list = append(list, c)
	}
	return list
}

// warm reads the capture once so that all contenders find it in memory.
func warm(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f)
	return err
}

// race runs the rounds; results[i] are the samples of field[i].
func race(field []contender, a arguments) ([][]sample, error) {
	results := make([][]sample, len(field))
	for round := range a.rounds {
		for k := range field {
			i := (k + round) % len(field)
			if field[i].slow && round > 0 {
				continue
			}
			s, err := measure(field[i], a.file)
			if err != nil {
				return nil, err
			}
			results[i] = append(results[i], s)
		}
		fmt.Fprintf(os.Stderr, "round %d of %d done\n", round+1, a.rounds)
	}
	return results, nil
}
