package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// contender is one command to measure.
type contender struct {
	name    string
	program string
	install string // how to get it
	slow    bool   // run in the first round only, and only on demand

	// args are the arguments to read file and write below dir.
	args func(file, dir string) []string
	// version are the arguments that print the version.
	version []string
	// flows finds the number of flow records, from what the run wrote into dir or
	// printed; "" where it cannot tell.
	flows func(dir, printed string) string
}

// ours reports whether c is one of our variants.
func (c contender) ours() bool { return strings.HasPrefix(c.name, "pcapmill") }

// peers lists the flow meters of other projects. sink is the address of the
// datagram socket for softflowd.
func peers(sink string) []contender {
	return []contender{
		{
			name: "tcpdump", program: "tcpdump", install: "apt-get install tcpdump",
			args:    func(file, _ string) []string { return []string{"-r", file, "-w", "/dev/null"} },
			version: []string{"--version"},
		},
		{
			name: "nfpcapd", program: "nfpcapd", install: "apt-get install nfdump",
			args:    func(file, dir string) []string { return []string{"-r", file, nfpcapdFolder(), dir} },
			version: []string{"-V"}, flows: nfpcapdFlows,
		},
		{
			name: "softflowd", program: "softflowd", install: "apt-get install softflowd",
			args: func(file, dir string) []string {
				return []string{"-r", file, "-d", "-v", "9", "-n", sink,
					"-p", filepath.Join(dir, "pid"), "-c", "none"} // it can hang in accept with a control socket
			},
			version: []string{"-h"}, flows: printedAfter(`Flows exported: (\d+)`),
		},
		{
			name: "argus", program: "argus", install: "apt-get install argus-server argus-client",
			args:    func(file, dir string) []string { return []string{"-r", file, "-w", filepath.Join(dir, "argus")} },
			version: []string{"-h"}, flows: argusFlows,
		},
		{
			name: "ndpiReader", program: "ndpiReader", install: "apt-get install libndpi-bin", slow: true,
			args: func(file, dir string) []string {
				return []string{"-i", file, "-q", "-C", filepath.Join(dir, "flows.csv")}
			},
			version: []string{"-h"}, flows: ndpiFlows,
		},
		{
			name: "tshark", program: "tshark", install: "apt-get install tshark", slow: true,
			args: func(file, _ string) []string {
				return []string{"-r", file, "-q", "-z", "conv,tcp", "-z", "conv,udp"}
			},
			version: []string{"--version"}, flows: tsharkFlows,
		},
	}
}

// pcapmills lists our own variants.
func pcapmills(binary string, workers, hashes, extra []string) []contender {
	var list []contender
	for _, hash := range hashes {
		for _, n := range workers {
			list = append(list, contender{
				name: fmt.Sprintf("pcapmill w%s hash=%s", n, hash), program: binary, install: "make build",
				args: func(file, dir string) []string {
					args := []string{"run", file, "-o", filepath.Join(dir, "out"), "--input-hash", hash, "--workers", n, "--records", "none", "--windows", "none"} // as flow meters read no messages and know no hosts
					return append(args, extra...)
				},
				version: []string{"version"}, flows: pcapmillFlows,
			})
		}
	}
	return list
}

// nfpcapdFolder is the flag for the output folder: -w since 1.7, -l before.
func nfpcapdFolder() string {
	usage, _ := exec.Command("nfpcapd", "-h").CombinedOutput()
	if strings.Contains(string(usage), "-w flowdir") {
		return "-w"
	}
	return "-l"
}

// nfpcapdFlows counts records, one per direction.
func nfpcapdFlows(dir, _ string) string {
	out, err := exec.Command("nfdump", "-R", dir, "-I").Output()
	if err != nil {
		return ""
	}
	return printedAfter(`(?m)^Flows: (\d+)`)("", string(out))
}

func argusFlows(dir, _ string) string {
	out, err := exec.Command("racount", "-r", filepath.Join(dir, "argus")).Output()
	if err != nil {
		return ""
	}
	return printedAfter(`sum\s+(\d+)`)("", string(out))
}

// ndpiFlows counts the lines of the flow list below its header.
func ndpiFlows(dir, _ string) string {
	text, err := os.ReadFile(filepath.Join(dir, "flows.csv"))
	if err != nil {
		return ""
	}
	return fmt.Sprint(max(0, bytes.Count(text, []byte("\n"))-1))
}

// printedAfter finds a number in what the run printed.
func printedAfter(pattern string) func(dir, printed string) string {
	re := regexp.MustCompile(pattern)
	return func(_, printed string) string {
		m := re.FindStringSubmatch(printed)
		if m == nil {
			return ""
		}
		return m[1]
	}
}

// tsharkFlows counts the lines of the conversation tables.
func tsharkFlows(_, printed string) string {
	return fmt.Sprint(strings.Count(printed, "<->"))
}

// pcapmillFlows reads the rows of the flow table from the manifest.
func pcapmillFlows(dir, _ string) string {
	text, err := os.ReadFile(filepath.Join(dir, "out", "manifest.json"))
	if err != nil {
		return ""
	}
	var manifest struct {
		Tables []struct {
			Name string `json:"name"`
			Rows int64  `json:"rows"`
		} `json:"tables"`
	}
	if json.Unmarshal(text, &manifest) != nil {
		return ""
	}
	for _, t := range manifest.Tables {
		if t.Name == "flows" {
			return fmt.Sprint(t.Rows)
		}
	}
	return ""
}

// versionLine returns the first line with a digit that the contender prints
// about itself.
func (c contender) versionLine() string {
	out, _ := exec.Command(c.program, c.version...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.ContainsAny(line, "0123456789") {
			return strings.TrimSpace(line)
		}
	}
	return "version unknown"
}
