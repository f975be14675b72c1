package source

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// quiet are the logs that tools begin before there is anything to write, by what their names have.
var quiet = map[string]label.Kind{"eve": label.SuricataEVE, "fast": label.SuricataFast, "notice": label.ZeekNotice}

var quietName = text.Pattern(`(?:^|[^a-z])(eve|fast|notice)(?:[^a-z].*)?\.(?:log|json)$`)

// empty is what becomes of a file with nothing in it. A log without alerts is one: Suricata writes
// no byte of it. Which log it would be its name must say, since all else that is empty, as a file of
// rules, is a mistake.
func (r *reading) empty() error {
	kind, ok := label.Kind(0), false
	if r.opts.Format != "" {
		kind = label.Kind(slices.Index(label.Kinds(), r.opts.Format))
		ok = kind == label.SuricataEVE || kind == label.SuricataFast || kind == label.ZeekNotice
	} else if m := quietName().FindStringSubmatch(strings.ToLower(label.PlainName(filepath.Base(r.path)))); m != nil {
		kind, ok = quiet[m[1]], true
	}
	if !ok {
		return fmt.Errorf("%w: it is empty. Logs of alerts may be: say with --format which one it is", ErrContent)
	}
	r.source.Kind = kind
	r.note("it is empty: nothing was alerted")
	return nil
}
