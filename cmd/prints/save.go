package prints

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/model/fingerprint"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// tableEnding is that of a file with a fingerprints table.
const tableEnding = ".parquet"

// Errors of Save.
var (
	// ErrEnding: the name does not end as files of its kind do, by which they are known when
	// they are read.
	ErrEnding = errors.New("name")
	// ErrThere: fingerprints are there already, and shall not be replaced.
	ErrThere = errors.New("is there already; --force replaces it")
)

// Save writes fingerprints to a file, mode 0600: a document, or a table where table is set.
// It is written under another name first, synced and opened again, so that no reader sees half
// of it. Fingerprints that are there are ErrThere without force; another file is
// publish.ErrForeign, whatever force says.
func Save(name string, all []*fingerprint.Fingerprint, table, force bool) error {
	want, write, check := ending, writeDocument, publish.Check(nil)
	if table {
		want, write, check = tableEnding, writeTable, checkTable(len(all))
	}
	if !strings.HasSuffix(name, want) {
		return fmt.Errorf("%w %s does not end in %s", ErrEnding, text.Escape(name), want)
	}
	if err := mayReplace(name, force); err != nil {
		return err
	}
	_, err := publish.Replace(name, func(w io.Writer) error { return write(w, all) }, check)
	return err
}

func writeDocument(w io.Writer, all []*fingerprint.Fingerprint) error {
	return fingerprint.Write(w, all)
}

// batchRows is how many fingerprints are columns at a time.
const batchRows = 4096

func writeTable(w io.Writer, all []*fingerprint.Fingerprint) error {
	schema := fingerprint.Schema()
	out, err := parquetfile.NewFile(w, schema, parquetfile.DefaultConfig(), nil)
	if err != nil {
		return err
	}
	b := batch.New(schema)
	for i, f := range all {
		f.Append(b)
		if b.Rows == batchRows || i == len(all)-1 {
			if err := out.Write(b); err != nil {
				return errors.Join(err, out.Close())
			}
			b.Reset()
		}
	}
	return out.Close()
}

// checkTable opens the file as a reader would.
func checkTable(rows int) publish.Check {
	return func(r io.ReaderAt, size int64) error {
		file, err := parquetfile.Open(r, size)
		if err == nil && file.NumRows() != int64(rows) {
			err = fmt.Errorf("%d rows were written, %d are there", rows, file.NumRows())
		}
		return err
	}
}

// mayReplace refuses what is there, unless it is fingerprints and force says so.
func mayReplace(name string, force bool) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular() || !ours(name, info.Size()):
		return fmt.Errorf("%s %w", text.Escape(name), publish.ErrForeign)
	case !force:
		return fmt.Errorf("%s %w", text.Escape(name), ErrThere)
	}
	return nil
}

// ours reports whether a regular file has fingerprints, by how it begins or by its schema.
func ours(name string, size int64) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, len(documentHead))
	if n, _ := io.ReadFull(f, head); bytes.Equal(head[:n], []byte(documentHead)) {
		return true
	}
	table, err := parquetfile.Open(f, size)
	return err == nil && fingerprint.IsTable(table.Schema())
}

// documentHead is what every document begins with.
const documentHead = "{\n  \"fingerprints\": ["
