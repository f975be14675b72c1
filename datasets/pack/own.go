package pack

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/split"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// Kinds of folders.
const (
	datasetKind = build.Kind
	packageKind = Kind
)

// Kind is the kind of a package's folder.
const Kind = "package"

// maxOwn is far above what stands beside the tables of a dataset with a thousand columns.
const maxOwn = 64 << 20

// own reads what the dataset's own reports say, where it has them: columns that were left out, and
// how much the rows of each split say.
func (f *Facts) own(o *folder.Opened) error {
	var report build.Summary
	if _, err := readReport(o, build.Report, &report); err != nil {
		return err
	}
	f.Table = report.Table
	for _, e := range report.Excluded {
		why := e.Role + ": " + e.Reason
		at := slices.IndexFunc(f.Left, func(l LeftOut) bool { return l.Why == why })
		if at < 0 {
			f.Left = append(f.Left, LeftOut{Why: why})
			at = len(f.Left) - 1
		}
		f.Left[at].Columns = append(f.Left[at].Columns, e.Name)
	}
	var divided split.Summary
	there, err := readReport(o, split.Report, &divided)
	if there {
		f.Divided = &divided
	}
	return err
}

// readReport reads a report beside the tables, and reports whether there is one.
func readReport(o *folder.Opened, name string, into any) (bool, error) {
	i := slices.IndexFunc(o.Manifest.Files, func(file manifest.File) bool { return file.Path == name })
	if i < 0 {
		return false, nil
	}
	data, err := ReadListed(o, &o.Manifest.Files[i])
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return false, fmt.Errorf("%w: %s: %w", ErrDataset, name, err)
	}
	return true, nil
}

// ReadListed reads a file beside the tables, which must be what the manifest lists.
func ReadListed(o *folder.Opened, file *manifest.File) ([]byte, error) {
	if file.Bytes > maxOwn {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrDataset, text.Escape(file.Path), maxOwn)
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataset, err)
	}
	defer root.Close() //nolint:errcheck // only read
	info, err := root.Lstat(file.Path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() != file.Bytes) {
		err = fmt.Errorf("%s is not what %s lists", text.Escape(file.Path), manifest.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataset, err)
	}
	f, err := root.Open(file.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataset, err)
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, file.Bytes+1))
	if err == nil && Sum(data) != file.SHA256 {
		err = fmt.Errorf("%s is not what %s lists", text.Escape(file.Path), manifest.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataset, err)
	}
	return data, nil
}
