package ledger

// Report says what a ledger holds.
type Report struct {
	Records int64    // sound ones, from the first
	Head    Position // behind the last of them
	Torn    int64    // bytes of an unfinished last line, 0 for none
	FirstNs int64    // wall clock of the first record; 0 where there is none
	LastNs  int64    // of the last one
	Events  map[string]int64
}

// maxEvents bounds the kinds of events that a Report counts apart; the rest is "other".
const maxEvents = 100

// Verify checks the whole chain and changes nothing. Where it breaks the error is a *Damage,
// and the report is of what comes before.
func Verify(path string) (Report, error) {
	report := Report{Events: make(map[string]int64)}
	file, err := openFile(path, 0)
	if err != nil {
		return report, err
	}
	defer file.Close()
	report.Head, report.Torn, err = scan(file, path, Position{}, func(r Record) error {
		report.count(&r)
		return nil
	})
	return report, err
}

func (r *Report) count(record *Record) {
	if r.Records == 0 {
		r.FirstNs = record.TimeNs
	}
	r.Records++
	r.LastNs = record.TimeNs
	event := record.Event
	if _, known := r.Events[event]; !known && len(r.Events) >= maxEvents {
		event = "other"
	}
	r.Events[event]++
}
