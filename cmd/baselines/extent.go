package baselines

import (
	"os"

	"pcapmill/model/baseline"
)

// Extent is how much a baseline covers.
type Extent struct {
	Hosts   int    `json:"hosts"`     // that are kept by themselves
	Days    int    `json:"days"`      // with windows
	First   string `json:"first_day"` // empty without windows
	Last    string `json:"last_day"`
	Sources int    `json:"tables"` // that were added
	Bytes   int64  `json:"bytes"`  // of the file
}

// extentAt returns that of a file that was written.
func extentAt(name string) (Extent, error) {
	f, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		return Extent{}, err
	}
	defer f.Close() //nolint:errcheck // only read
	return extentOf(f, name)
}

func extentOf(f *baseline.File, name string) (Extent, error) {
	e := Extent{Hosts: f.Hosts(), Days: len(f.Days()), Sources: len(f.Sources())}
	e.First, e.Last = ends(f.Days())
	info, err := os.Stat(name)
	if err != nil {
		return Extent{}, err
	}
	e.Bytes = info.Size()
	return e, nil
}

// ends returns the first and the last day, empty where there are none.
func ends(days []baseline.Day) (first, last string) {
	if len(days) == 0 {
		return "", ""
	}
	return days[0].String(), days[len(days)-1].String()
}
