package drift

import (
	"slices"
	"strings"

	"pcapmill/bench/traffic"
)

// counting are the severities that are flagged by default.
var counting = []string{"medium", "high", "critical"}

// names reports whether an item that counts says what a change of a kind changed; service
// is the new one's address and port.
func (r *Report) names(k traffic.ChangeKind, service string) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool {
		return slices.Contains(counting, i.Severity) && i.names(k, service)
	})
}

// names reports whether an item is about what a change of a kind changed, in the direction
// of the change.
func (i *Item) names(k traffic.ChangeKind, service string) bool {
	switch k {
	case traffic.LargerSizes, traffic.GrowingSizes:
		return i.about("bytes") && i.rises() || i.about("outbound_ratio", "byte_asymmetry")
	case traffic.HigherRate:
		return i.about("flows", "packets", "dns_queries", "dns_responses", "dns_names", "hellos") && !i.about("/") && i.rises()
	case traffic.NewHosts, traffic.DividedLoad:
		return i.Layer == "population" && i.about("host") && !i.about("gone") && i.rises()
	case traffic.MissingNames:
		return i.about("nxdomain") && i.rises()
	case traffic.NewService:
		return i.Layer == "values" && slices.ContainsFunc(i.Keys, func(key Key) bool {
			return key.Change == "new" && isService(key.Key, service)
		})
	}
	return false
}

// about reports whether the subject has one of the words; that of a ratio has a slash.
func (i *Item) about(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(i.Subject, w) })
}

// rises reports whether there is more than usual.
func (i *Item) rises() bool {
	return i.Current != nil && (i.Baseline == nil || *i.Current > *i.Baseline)
}

// isService reports whether a key of a category names the service by its port, such as
// tcp/8443, or by its address.
func isService(key, service string) bool {
	address, port, _ := strings.Cut(service, ":")
	return key == address || slices.Contains(strings.FieldsFunc(key, func(c rune) bool { return c < '0' || c > '9' }), port)
}
