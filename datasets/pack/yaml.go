package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pcapmill/outputs/text"
)

// yamlDoc writes YAML line by line.
type yamlDoc struct{ strings.Builder }

// put writes key: value at a depth; without a value nothing is written.
func (d *yamlDoc) put(depth int, key, value string) {
	if value != "" {
		fmt.Fprintf(d, "%s%s: %s\n", strings.Repeat("  ", depth), key, yamlText(value))
	}
}

func (d *yamlDoc) number(depth int, key string, n int64) {
	fmt.Fprintf(d, "%s%s: %d\n", strings.Repeat("  ", depth), key, n)
}

// list writes a list of texts; none is not written.
func (d *yamlDoc) list(key string, values []string) {
	if len(values) == 0 {
		return
	}
	fmt.Fprintf(d, "%s:\n", key)
	for _, v := range values {
		fmt.Fprintf(d, "- %s\n", yamlText(v))
	}
}

// plainYAMLText needs no quotes, and cannot be taken for anything but text.
var plainYAMLText = text.Pattern(`^[a-zA-Z][a-zA-Z0-9_./-]*$`)

// yamlWords are plain texts that some YAML takes for a truth value or nothing.
var yamlWords = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// yamlText is a text as a value. In double quotes Go and YAML write the same, but for bytes
// that are no UTF-8, which are replaced.
func yamlText(s string) string {
	if plainYAMLText().MatchString(s) && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(strings.ToValidUTF8(s, "\ufffd"))
}
