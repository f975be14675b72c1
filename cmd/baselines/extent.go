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

func extentOf(b *baseline.Baseline, name string) (Extent, error) {
	hosts, err := b.Segments(baseline.Host)
	if err != nil {
		return Extent{}, err
	}
	days := b.Days()
	e := Extent{Hosts: len(hosts), Days: len(days), Sources: len(b.Sources())}
	e.First, e.Last = ends(days)
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
