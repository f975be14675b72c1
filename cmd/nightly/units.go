package nightly

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// duration takes a length of time: as Go writes them, or in days, as 30d.
func duration(to *time.Duration) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		*to, err = parseDuration(strings.TrimSpace(s))
		return err
	}
}

const day = 24 * time.Hour

func parseDuration(s string) (time.Duration, error) {
	if d, ok := text.ParseDuration(s); ok {
		return d, nil
	}
	return 0, fmt.Errorf("\"%s\" is no length of time: want one as 10m, 4h or 30d", text.Escape(s))
}

// bytesOf takes an amount with its unit, or 0.
func bytesOf(to *int64) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		*to, err = parseBytes(strings.TrimSpace(s))
		return err
	}
}

func parseBytes(s string) (int64, error) {
	if n, ok := text.ParseBytes(s); ok || s == "0" {
		return n, nil
	}
	return 0, fmt.Errorf("\"%s\" is no amount: want one as 512MiB or 100GiB", text.Escape(s))
}

// count takes a whole number from 0 on.
func count(to *int) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		x, err := strconv.ParseInt(s, 10, 32)
		if err != nil || x < 0 {
			return fmt.Errorf("\"%s\" is no number from 0 on", text.Escape(s))
		}
		*to = int(x)
		return nil
	}
}
