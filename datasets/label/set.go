package label

// Set is what sources say, in the order in which they were given.
type Set struct {
	Sources  []Source
	Rules    []Rule
	Events   []Event
	Scores   []Score
	Meanings []Meaning // of Scores
}

// Source is one file that labels come from.
type Source struct {
	Path     string // as given
	SHA256   string // of the stored bytes
	Bytes    int64
	Kind     Kind
	Zone     string // that times without one were read in; empty: all had one, or there are none
	Rules    int64
	Events   int64     // with Scores
	Skipped  int64     // lines, rows and packets that say nothing of labels, such as an eve.json's flow records
	Refused  int64     // that could not be understood
	Refusals []Refusal // the first of these
	Notes    []string  // what a reader should know, such as a defect of the format that was mended
}

// Refusal is a line that was not understood.
type Refusal struct {
	Line   int64 // from 1; of a capture the packet's number
	Offset int64 // in bytes of the decompressed file; -1: not known
	Reason string
}

// Kind is the format of a source.
type Kind uint8

// Kinds.
const (
	YAMLRules Kind = iota
	NetcapAttacks
	NetflowLabeler
	SuricataEVE
	SuricataFast
	ZeekNotice
	ZeekConn
	CSV
	PcapML
	Scores
	FileNames
)

var kinds = [...]string{"rules", "netcap", "netflowlabeler", "suricata_eve", "suricata_fast", "zeek_notice", "zeek_conn", "csv", "pcapml", "scores", "file_names"}

// String returns the name as tables and manifests have it.
func (k Kind) String() string { return kinds[k] }

// Kinds returns the names, by value.
func Kinds() []string { return kinds[:] }
