package payload

// Servers is the number of servers that have a name.
const Servers = 4096

// domains is the number of domains that the servers are in, 16 in each.
const domains = 256

var hostLabels = [16]string{
	"www", "api", "cdn", "img", "static", "login", "mail", "shop",
	"news", "video", "assets", "app", "media", "search", "maps", "docs",
}

var firstWords = [16]string{
	"amber", "birch", "cobalt", "dune", "ember", "fjord", "granite", "harbour",
	"ivory", "juniper", "kestrel", "lantern", "meadow", "nimbus", "orchard", "pebble",
}

var secondWords = [16]string{
	"bank", "cast", "desk", "field", "gate", "hub", "labs", "mart",
	"net", "path", "press", "soft", "stream", "travel", "ware", "works",
}

// ServerName returns the name of server n: a host in one of 256 domains below
// names that are reserved for examples (RFC 2606).
func (m *Maker) ServerName(n uint32) string {
	n %= Servers
	if m.names[n] == "" {
		m.names[n] = hostLabels[n&15] + "." + domainName(n>>4)
	}
	return m.names[n]
}

// domainName returns the name of a domain.
func domainName(n uint32) string {
	suffix := [4]string{".example", ".example", ".example.com", ".example.net"}
	return firstWords[n>>4&15] + secondWords[n&15] + suffix[(n>>4+n)&3]
}

// EdgeName is the name that a server's own name may be an alias of.
func (m *Maker) EdgeName(n uint32) string {
	return "edge-" + string([]byte{'a' + byte(n%26), 'a' + byte(n/26%26), 'a' + byte(n/676%26)}) + ".cdn.example.net"
}
