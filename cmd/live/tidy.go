package live

import (
	"runtime/debug"
	"time"
)

// tidyEvery is how often memory is given back at most: it takes a collection of garbage.
const tidyEvery = 10 * time.Second

// tidy gives back to the system what only work on a segment needed: blocks of packets, rows on
// their way into parts and what encodes them, the tables of a checkpoint. A process that waits most of its time for
// the next segment holds what is open, and no more.
func (a *analysis) tidy() {
	if !a.untidy || time.Since(a.tidied) < tidyEvery {
		return
	}
	a.spare.Drop()
	if a.session != nil {
		a.session.Trim()
	}
	debug.FreeOSMemory()
	a.untidy, a.tidied = false, time.Now()
}
