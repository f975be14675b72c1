package main

import (
	"fmt"
	"io"
	"os"

	"pcapmill/ingest/filter"
	"pcapmill/outputs/text"
)

// maxProgram is far above what tcpdump -ddd prints for the largest program.
const maxProgram = 4 << 20

// readProgram returns the text of a program in the form of tcpdump -ddd, empty
// where no file is named.
func readProgram(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("--bpf-ddd: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxProgram+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("--bpf-ddd: %w", err)
	case len(data) > maxProgram:
		return "", fmt.Errorf("--bpf-ddd: %s: more than %d bytes", text.Escape(path), maxProgram)
	}
	if _, err := filter.ParseDDD(string(data)); err != nil {
		return "", fmt.Errorf("--bpf-ddd: %s: %w", text.Escape(path), err)
	}
	return string(data), nil
}
