package verify

import (
	"errors"
	"io/fs"
	"strings"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// readLedger puts what the ledger of live tables says into the manifest, and reports whether there
// is anything to check.
func (f *folder) readLedger() bool {
	found, err := livefolder.Whole(f.root.Name(), f.m)
	f.spans, f.view = found.Spans, found.View
	var damage *ledger.Damage
	switch {
	case errors.As(err, &damage):
		f.find(CheckLedger, f.m.Live.Ledger, "line %d at offset %d: %v", damage.Line, damage.Offset, damage.Err)
	case err != nil:
		f.find(CheckLedger, f.m.Live.Ledger, "%v", err)
	}
	for _, w := range found.Wrong {
		f.find(CheckLedger, manifest.Name, "%s", w)
	}
	if err == nil {
		f.noteTorn(found.End)
	}
	return err == nil
}

// noteTorn says that the ledger goes on behind its last whole record: analysis is writing, or was killed.
func (f *folder) noteTorn(end int64) {
	info, err := f.root.Stat(f.m.Live.Ledger)
	if err == nil && info.Size() > end && !f.grew() {
		f.report.Unchecked = append(f.report.Unchecked, text.Plural(info.Size()-end, "byte")+" of a record of the ledger that is unfinished")
	}
}

// checkSessions does for each session of live tables that has ended what is done for a run. What is
// open has packets that no row counts yet.
func (f *folder) checkSessions() {
	sums := f.sessionSums()
	ended := true
	for i := range f.spans {
		s := &f.spans[i]
		want := s.Accounting.Packets.Get(inFlow)
		switch {
		case sums == nil:
		case s.Ended && sums[i].packets != want:
			f.find(CheckFlows, flowsTable, "session %d: rows of depth 0 have %d packets, the accounting has %d in_flow", i+1, sums[i].packets, want)
		case s.Ended && sums[i].wire != s.Accounting.WireBy.Get(inFlow):
			f.find(CheckFlows, flowsTable, "session %d: rows of depth 0 have %d wire bytes, the accounting has %d in_flow", i+1, sums[i].wire, s.Accounting.WireBy.Get(inFlow))
		case sums[i].packets > want:
			f.find(CheckFlows, flowsTable, "session %d: rows of depth 0 have %d packets, of %d in_flow", i+1, sums[i].packets, want)
		}
		if s.Ended {
			f.conserved("", &s.Accounting)
		}
		ended = ended && s.Ended
	}
	if !ended {
		f.report.Unchecked = append(f.report.Unchecked, "packets of flows that are open, and the sums of the errors table: a session has not ended")
		return
	}
	f.checkErrors()
}

// sessionSums are what the flow rows of each session come to, nil where they cannot be read.
func (f *folder) sessionSums() []flowSums {
	sums := make([]flowSums, len(f.spans))
	for i, s := range f.sums {
		if !s.known {
			f.report.Unchecked = append(f.report.Unchecked, "the flows table's packets: not every part is readable Parquet with its core columns")
			return nil
		}
		name, err := livefolder.ParsePart(f.flows[i])
		for j := range f.spans {
			if err == nil && f.spans[j].Covers(name) {
				sums[j].packets += s.packets
				sums[j].wire += s.wire
			}
		}
	}
	return sums
}

// ofLive reports whether a name is one of a folder of live tables besides what its ledger lists:
// what is kept beside the tables, and parts of a segment that is being committed.
func (f *folder) ofLive(name string, e fs.DirEntry) bool {
	if f.m.Live == nil {
		return false
	}
	top, _, _ := strings.Cut(name, "/")
	switch {
	case name == f.m.Live.Ledger, top == livefolder.CheckpointFolder, livefolder.IsBeside(name):
		return true
	case e.IsDir():
		return false
	}
	part, err := livefolder.ParsePart(name)
	return err == nil && !f.view.Last.Covers(part) && (f.m.Live.Open || f.grew())
}

// grew reports whether the ledger of live tables has records that were not read: a session that
// began since has parts, after its first record.
func (f *folder) grew() bool {
	now, err := livefolder.See(f.root.Name())
	return err == nil && now.Records > f.view.Records
}

// went reports whether an error is of a file that is not there any more, as analysis may have
// removed it: of live tables, what is no part that counts.
func (f *folder) went(err error) bool { return f.m.Live != nil && errors.Is(err, fs.ErrNotExist) }
