package stages

import "time"

// Life returns how long after the end of a window all rows of hosts and pairs in it are there,
// and how long after its first packet a flow is a row at the latest; see host.Config.
func (t *Timeouts) Life() time.Duration { return time.Duration(t.life()) }
