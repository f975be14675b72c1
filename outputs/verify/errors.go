package verify

import "slices"

// errorsTable is the table whose rows are counted against the manifest's sums.
const errorsTable = "errors"

// errorOutcomes are those of which each packet has a row there.
var errorOutcomes = []string{"unsupported_link", "malformed_l2", "malformed_l3", "malformed_l4", "fragment_unresolved", "over_limit"}

// checkErrors compares the errors table with what the manifest sums up, and that with
// the accounting.
func (f *folder) checkErrors() {
	for i := range f.m.Tables {
		if t := &f.m.Tables[i]; t.Name == errorsTable {
			f.compareErrors(t.Rows)
		}
	}
	for _, c := range f.m.Captures {
		listed := false
		for i := range f.m.Files {
			listed = listed || f.m.Files[i].Path == c.Path
		}
		if !listed {
			f.find(CheckErrors, c.Path, "holds packets, but is no file of the run")
		}
	}
}

func (f *folder) compareErrors(rows int64) {
	sum, packets := int64(0), map[string]int64{}
	for _, c := range f.m.Errors {
		sum += c.N
		if !c.Inner && slices.Contains(errorOutcomes, c.Outcome) {
			packets[c.Outcome] += c.N
		}
	}
	if sum != rows {
		f.find(CheckErrors, errorsTable, "%d rows, the manifest sums up %d errors", rows, sum)
	}
	for _, outcome := range errorOutcomes {
		if want := f.m.Accounting.Packets.Get(outcome); packets[outcome] != want {
			f.find(CheckErrors, errorsTable, "%d packets are %s, the accounting has %d", packets[outcome], outcome, want)
		}
	}
}
