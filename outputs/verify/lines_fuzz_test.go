package verify

import (
	"bytes"
	"context"
	"encoding/csv"
	"testing"
)

// FuzzLines counts the rows of any bytes as CSV and compares with the standard
// library wherever it takes them for CSV.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\"a\nb\",c\n\"d\"\"\n\",e\n"))
	f.Add([]byte("\"\n"))
	f.Add([]byte("a\r\nb\r\n"))
	f.Add([]byte("last line without end"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := countLines(context.Background(), bytes.NewReader(data), quotedLines)
		if err != nil {
			return
		}
		if got < 0 || got > int64(len(data)) {
			t.Fatalf("%d lines in %d bytes", got, len(data))
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.FieldsPerRecord = -1
		records, err := r.ReadAll()
		if err != nil || len(data) == 0 || data[len(data)-1] != '\n' || bytes.HasPrefix(data, []byte{'\n'}) || bytes.Contains(data, []byte("\n\n")) || bytes.ContainsRune(data, '\r') {
			return // other rules for empty lines and line ends
		}
		if got != int64(len(records)) {
			t.Errorf("%d lines, %d records: %q", got, len(records), data)
		}
	})
}
