package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// maxFile is far above any file of rules: a thousand rules of half a KiB.
const maxFile = 512 << 10

func intoCount(to func(uint64)) func(ast.Node) error {
	return func(n ast.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		x, err := strconv.ParseUint(s, 10, 31)
		if err != nil {
			return fmt.Errorf("\"%s\" is no number from 0 to 2147483647", text.Escape(s))
		}
		to(x)
		return nil
	}
}

// intoDuration reads 90s, 10m, 1h30m, and days as 7d.
func intoDuration(to *time.Duration) func(ast.Node) error {
	return func(n ast.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		s = strings.TrimSpace(s)
		d, err := time.ParseDuration(s)
		if days, ok := strings.CutSuffix(s, "d"); ok {
			var number uint64
			number, err = strconv.ParseUint(days, 10, 16)
			d = time.Duration(number) * 24 * time.Hour
		}
		if err != nil || d < 0 || d > maxWindow {
			return fmt.Errorf("\"%s\" is no duration such as 10m, 1h30m or 7d, of %v at most", text.Escape(s), maxWindow)
		}
		*to = d
		return nil
	}
}
