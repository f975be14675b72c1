package baselines

import (
	"errors"
	"fmt"
	"strings"

	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
	"pcapmill/outputs/text"
)

// Advice says what to do about a file that cannot be used, "" where nothing is known.
func Advice(err error) string {
	switch {
	case errors.Is(err, exchange.ErrChanged):
		return "export it again: what was exported can be read, but not changed"
	case errors.Is(err, baseline.ErrNewer), errors.Is(err, exchange.ErrVersion):
		return "use the pcapmill that wrote it, or a later one"
	case errors.Is(err, baseline.ErrTampered), errors.Is(err, baseline.ErrCorrupt):
		return "restore a copy, or build it again from its tables with --force"
	case errors.Is(err, baseline.ErrForeign):
		return "name another file"
	case errors.Is(err, baseline.ErrTooLarge):
		return "build it with fewer --hosts, or drop days with --max-age"
	}
	return ""
}

// in names the file of an error that does not name it: those of a baseline's blocks, and of
// rows that it does not take.
func in(path string, err error) error {
	for _, unnamed := range []error{baseline.ErrRow, baseline.ErrFull, baseline.ErrCorrupt} {
		if shown := text.Escape(path); errors.Is(err, unnamed) && !strings.Contains(err.Error(), shown) {
			return fmt.Errorf("%s: %w", shown, err)
		}
	}
	return err
}

// to names the output of an error that names neither it nor the file that is read: what SQLite
// says of what it writes.
func to(out, file string, err error) error {
	out, file = text.Escape(out), text.Escape(file)
	if err == nil || strings.Contains(err.Error(), out) || strings.Contains(err.Error(), file) {
		return err
	}
	return fmt.Errorf("write %s: %w", out, err)
}
