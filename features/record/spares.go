package record

import "pcapmill/features/flow"

// Spares are what flows that have ended leave to those that begin, of one shard: a flow
// that says something costs no allocation then.
type Spares struct {
	Apps   flow.Apps
	states []stateList `snapshot:"-"`
}

// sparesKept is how many Apps, and how many States of each parser, all shards together
// keep that nobody uses. They are in no count of memory, so they must not become more
// with the shards.
const sparesKept = 1 << 12

// NewSpares returns those of one of so many shards.
func NewSpares(shards int) Spares { return Spares{Apps: flow.Apps{Most: sparesKept / shards}} }

// stateList holds the unused States of one parser.
type stateList interface {
	put(state any, most int) bool // false: it is another parser's
}

type statesOf[S any] struct{ unused []*S }

func (l *statesOf[S]) put(state any, most int) bool {
	s, ok := state.(*S)
	if ok && len(l.unused) < most {
		*s = *new(S)
		l.unused = append(l.unused, s)
	}
	return ok
}

func (l *statesOf[S]) get() *S {
	last := len(l.unused) - 1
	if last < 0 {
		return new(S)
	}
	s := l.unused[last]
	l.unused = l.unused[:last]
	return s
}

// spare returns an empty State.
func spare[S any](from *Spares) *S {
	if from == nil {
		return new(S)
	}
	for _, l := range from.states {
		if l, ok := l.(*statesOf[S]); ok {
			return l.get()
		}
	}
	from.states = append(from.states, new(statesOf[S]))
	return new(S)
}

// put takes a State back, of which nothing is kept.
func (s *Spares) put(state any) {
	if s == nil {
		return
	}
	for _, l := range s.states {
		if l.put(state, s.Apps.Most) {
			return
		}
	}
}

// Trim gives all of them up.
func (s *Spares) Trim() {
	s.Apps.Trim()
	s.states = nil
}

// app returns an empty App.
func (s *Spares) app() *flow.App {
	if s == nil {
		return new(flow.App)
	}
	return s.Apps.Get()
}

// apps returns the Apps that nobody uses; nil: there are none.
func (s *Spares) apps() *flow.Apps {
	if s == nil {
		return nil
	}
	return &s.Apps
}
