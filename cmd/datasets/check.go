package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/datasets/leak"
	"pcapmill/outputs/manifest"
)

// Check is what to look for leakage in, and how.
type Check struct {
	leak.Foreign        // Path alone for datasets of ours
	Scalers      string // file of scalers, for datasets of others; empty: none
	Config       leak.Config
}

// Run reads the dataset and returns what is found. Errors are those of leak.Check, leak.Open and
// leak.OpenForeign.
func (c *Check) Run(ctx context.Context) (*leak.Report, error) {
	if err := c.Config.Validate(); err != nil {
		return nil, err
	}
	d, err := c.open()
	if err != nil {
		return nil, err
	}
	return leak.Check(ctx, d, c.Config)
}

func (c *Check) open() (*leak.Dataset, error) {
	if c.foreign() {
		d, err := leak.OpenForeign(&c.Foreign)
		if err == nil && c.Scalers != "" {
			err = d.ReadScalers(c.Scalers)
		}
		return d, err
	}
	d, err := leak.Open(c.Path)
	if err == nil {
		return d, nil
	}
	if _, there := os.Stat(filepath.Join(c.Path, manifest.Name)); errors.Is(there, fs.ErrNotExist) {
		err = fmt.Errorf("%w; of a dataset of others say --label, and --split where no folder or file says it", err)
	}
	return nil, err
}

// foreign reports whether anything is said that datasets of ours say themselves.
func (c *Check) foreign() bool {
	return c.Label != "" || c.Split != "" || len(c.Groups) > 0 || c.Time != "" || c.Scalers != ""
}

// CheckFormats are the names of the forms of a report, the default first.
var CheckFormats = []string{"text", "json", "markdown", "junit"}

// Details is a form of a report beside CheckFormats: text with all that is known of each finding.
const Details = "details"

// WriteCheck writes a report in one of CheckFormats, or with Details.
func WriteCheck(w io.Writer, r *leak.Report, format string, failOn leak.Failure) error {
	switch format {
	case Details:
		return leak.WriteDetails(w, r)
	case "json":
		return leak.WriteJSON(w, r, failOn)
	case "markdown":
		return leak.WriteMarkdown(w, r)
	case "junit":
		return leak.WriteJUnit(w, r, failOn)
	}
	return leak.WriteText(w, r)
}
