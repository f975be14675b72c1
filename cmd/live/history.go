package live

import (
	"fmt"

	"pcapmill/cmd/job"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// history is what the folder's ledger says of earlier processes.
type history struct {
	plan        string
	session     *livefolder.Session     // the last one; nil: there was none
	open        bool                    // it has no end
	first       int64                   // number of the first commit of all; 0: none
	opened      int64                   // of the session's first one; 0: none
	before      int64                   // of the last one before the session; 0: none
	mark        livefolder.Mark         // the last commit
	at          ledger.Position         // of the segments' ledger, behind what the last commit or end was about
	checkpoints []livefolder.Checkpoint // of the session, the oldest first; the last mostCheckpoints of them
	kept        []ledger.Position       // of the folder's ledger, where the records of these are
	begun       ledger.Position         // where the session's record is
	released    int64
	flagged     []int64 // at the last session's end, where no release followed
	sums        sums
}

// mostCheckpoints are tried by a process that restores a session. Files of the last two are kept, and of one before
// where these were damaged; a session of months has records of tens of thousands.
const mostCheckpoints = 16

// sums are what the commits of all sessions come to.
type sums struct {
	segments    int64
	sessions    int64
	rows        map[string]int64
	sessionRows map[string]int64 // of the last session
	accounting  manifest.Accounting
	drops       int64
	rejected    int64
	partial     int64
	checks      livefolder.Checks
}

func newHistory() *history { return &history{sums: sums{rows: map[string]int64{}}} }

// visitor reads it from the folder's ledger.
func (h *history) visitor() *livefolder.Visitor {
	return &livefolder.Visitor{
		Brief: true,
		Session: func(s *livefolder.Session, r *ledger.Record) error {
			h.session, h.open, h.plan, h.opened, h.checkpoints, h.kept = s, true, s.PlanID, 0, nil, nil
			h.at, h.begun, h.before = s.From, r.Begin(), h.mark.Number
			h.sums.begin()
			return nil
		},
		Commit: func(c *livefolder.Commit, _ *ledger.Record) error {
			h.commit(c)
			return nil
		},
		Checkpoint: func(c *livefolder.Checkpoint, r *ledger.Record) error {
			h.checkpoints, h.kept = append(h.checkpoints, *c), append(h.kept, r.Begin())
			if n := len(h.checkpoints) - mostCheckpoints; n > 0 {
				h.checkpoints, h.kept = h.checkpoints[n:], h.kept[n:]
			}
			return nil
		},
		Release: func(r *livefolder.Release) error {
			h.released, h.flagged = max(h.released, r.Through), nil
			return nil
		},
		Gap: func(*livefolder.Gap) error {
			h.open = false
			return nil
		},
		End: func(e *livefolder.End) error {
			h.open, h.at, h.flagged = false, e.At, e.Flagged
			h.sums.checks.End(e)
			return nil
		},
	}
}

func (h *history) commit(c *livefolder.Commit) {
	if h.first == 0 {
		h.first = c.Number
	}
	if h.opened == 0 {
		h.opened = c.Number
	}
	h.mark, h.at = livefolder.Mark{Number: c.Number, AtEnd: c.AtEnd}, c.At
	h.sums.commit(c)
}

// begin adds a session.
func (s *sums) begin() {
	s.sessions++
	s.sessionRows = map[string]int64{}
}

// commit adds one.
func (s *sums) commit(c *livefolder.Commit) {
	s.accounting.Plus(&c.Accounting)
	s.drops += c.Drops
	for i := range c.Tables {
		s.rows[c.Tables[i].Name] += c.Tables[i].Rows
		s.sessionRows[c.Tables[i].Name] += c.Tables[i].Rows
	}
	if c.Input == nil {
		return
	}
	s.segments++
	rejected, partial := missed(c.Input)
	s.rejected, s.partial = s.rejected+rejected, s.partial+partial
}

// missed counts a segment that was rejected, or could be read in part only.
func missed(in *manifest.Input) (rejected, partial int64) {
	switch in.Outcome {
	case manifest.Rejected:
		return 1, 0
	case manifest.Partial, manifest.Limit:
		return 0, 1
	}
	return 0, 0
}

// commitsAfter returns the open session's commits behind a mark, by their place. They are in the
// ledger behind a position, in front of which all has been checked.
func commitsAfter(path string, from ledger.Position, mark livefolder.Mark) (map[livefolder.Mark]*livefolder.Commit, error) {
	found := map[livefolder.Mark]*livefolder.Commit{}
	_, err := livefolder.Visit(path, from, &livefolder.Visitor{Commit: func(c *livefolder.Commit, _ *ledger.Record) error {
		if c.Number > mark.Number {
			found[livefolder.Mark{Number: c.Number, AtEnd: c.AtEnd}] = c
		} else if c.Number == mark.Number && c.AtEnd && !mark.AtEnd {
			found[livefolder.Mark{Number: c.Number, AtEnd: true}] = c
		}
		return nil
	}})
	return found, err
}

// fits reports why the folder cannot be continued with a plan.
func (h *history) fits(folder string, p *job.Plan) error {
	if h.plan == "" || h.plan == p.ID {
		return nil
	}
	return &job.Error{Exit: job.ExitUsage, Err: fmt.Errorf("%s %w: it was begun with other options, or by another build (plan %.12s, now %.12s); start it as before, or name a new folder",
		text.Escape(folder), livefolder.ErrOther, h.plan, p.ID)}
}
