package baselines

import (
	"fmt"
	"io"
	"os"

	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// Export writes a baseline as JSON to a file, or to w where out is empty.
func Export(name, out string, force bool, w io.Writer) error {
	if out != "" {
		if err := mayWrite(out, nil, force); err != nil {
			return err
		}
	}
	b, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // only read
	write := func(w io.Writer) error { return in(name, exchange.WriteJSON(w, b)) }
	if out == "" {
		return write(w)
	}
	_, err = publish.Replace(out, write, nil)
	return err
}

// Import writes the baseline that a file was exported from.
func Import(name, out string, force bool) (Extent, error) {
	if err := mayWrite(out, nil, force); err != nil {
		return Extent{}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return Extent{}, err
	}
	defer f.Close() //nolint:errcheck // only read
	b, err := exchange.ReadJSON(f)
	if err != nil {
		return Extent{}, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	if err := b.Save(out); err != nil {
		return Extent{}, err
	}
	return extentAt(out)
}
