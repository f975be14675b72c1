// Command hostilegen writes hostile captures to a folder, and adversarial ones of
// any size.
//
//	go run ./bench/cmd/hostilegen -o DIR                    every case, and expected.tsv
//	go run ./bench/cmd/hostilegen -o DIR --class blocks     one class
//	go run ./bench/cmd/hostilegen --list                    classes and shapes
//	go run ./bench/cmd/hostilegen --shape syn_flood --packets 10000000 -o flood.pcap
package main

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

	"pcapmill/bench/hostile"
	"pcapmill/ingest/packet"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hostilegen:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	fs := flag.NewFlagSet("hostilegen", flag.ContinueOnError)
	out := fs.String("o", "", "folder for cases, or file for a shape (- for standard output)")
	class := fs.String("class", "", "write the cases of one class only")
	shape := fs.String("shape", "", "write a capture of this shape")
	packets := fs.Int("packets", 1_000_000, "packets of the shape")
	list := fs.Bool("list", false, "list classes and shapes")
	if err := fs.Parse(args); err != nil {
		return err
	}
	switch {
	case *list:
		return show(stdout)
	case *out == "":
		return errors.New("-o is required, or --list")
	case *packets < 1:
		return fmt.Errorf("--packets must be above 0, not %d", *packets)
	case *shape != "":
		return writeShape(*shape, *packets, *out, stdout)
	}
	return writeCases(*out, *class)
}

func show(w io.Writer) error {
	b := bufio.NewWriter(w)
	total := 0
	for _, c := range hostile.Classes() {
		fmt.Fprintf(b, "class  %-18s %3d cases  %-12s %s\n", c.Name, len(c.Cases), c.Threats, c.Doc)
		total += len(c.Cases)
	}
	fmt.Fprintf(b, "%d cases\n\n", total)
	for _, s := range hostile.Shapes() {
		fmt.Fprintf(b, "shape  %-18s %-8s %s\n", s.Name, s.Threats, s.Doc)
	}
	return b.Flush()
}

func writeShape(name string, packets int, path string, stdout io.Writer) (err error) {
	s, err := hostile.ShapeNamed(name)
	if err != nil {
		return err
	}
	if path == "-" {
		return s.Write(stdout, packets)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.Write(f, packets)
}

// writeCases writes each case to a folder of its class, and what is expected of
// all of them to a table.
func writeCases(dir, only string) error {
	table := []string{"class\tcase\tfile\toutcome\treason\tpackets\tdispositions\tflows\tchanges"}
	found := false
	for _, class := range hostile.Classes() {
		if only != "" && class.Name != only {
			continue
		}
		found = true
		folder := filepath.Join(dir, class.Name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		for _, c := range class.Cases {
			data, want := c.Make()
			if err := os.WriteFile(filepath.Join(folder, c.FileName()), data, 0o644); err != nil {
				return err
			}
			table = append(table, line(&class, &c, &want))
		}
	}
	if !found {
		return fmt.Errorf("no class %q", only)
	}
	return os.WriteFile(filepath.Join(dir, "expected.tsv"), []byte(strings.Join(table, "\n")+"\n"), 0o644)
}

// line is a case's row: unknown is empty.
func line(class *hostile.Class, c *hostile.Case, want *hostile.Want) string {
	packets, flows := strconv.FormatInt(want.Packets, 10), ""
	if want.Loose {
		packets = ""
	}
	if want.Flows > 0 {
		flows = strconv.FormatInt(want.Flows, 10)
	}
	var by []string
	for out := range packet.NumOutcomes {
		if n := want.By[out]; n > 0 && !want.Loose {
			by = append(by, fmt.Sprintf("%s=%d", out, n))
		}
	}
	return strings.Join([]string{
		class.Name, c.Name, strconv.Quote(c.FileName()), want.Outcome, want.Reason, packets, strings.Join(by, " "), flows, c.Changes,
	}, "\t")
}
