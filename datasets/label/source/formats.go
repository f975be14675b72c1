package source

import "pcapmill/datasets/label"

// format is one kind of file.
type format struct {
	kind   label.Kind
	detect func(head []byte, name string) bool // head: the first bytes, decompressed, headSize at most; name: of the file, for what content leaves open
	read   func(*reading) error
}

// headSize is how much of a file formats are told by.
const headSize = 64 << 10

// formats are asked in this order: those first that a magic number or a header line proves, those
// last that are told by a guess.
func formats() []format {
	return []format{
		{label.Scores, isParquet, readScores},
		{label.PcapML, isCapture, readPcapML},
		{label.ZeekNotice, isNotice, readNotice},
		{label.SuricataEVE, isEVE, readEVE},
		{label.SuricataFast, isFast, readFast},
		{label.ZeekConn, isConn, readConn},
		{label.NetcapAttacks, isAttacks, readAttacks},
		{label.YAMLRules, isRules, readRules},
		{label.NetflowLabeler, isLabeler, readLabeler},
		{label.CSV, isTable, readTable},
	}
}

// formatOf returns the format that options force or that knows the file.
func formatOf(o *Options, head []byte, name string) (format, bool) {
	for _, f := range formats() {
		if o.Format == f.kind.String() || o.Format == "" && f.detect(head, name) {
			return f, true
		}
	}
	if o.Format == "" && (o.Preset != "" || o.Mapping != "") { // they say what content does not
		return format{label.CSV, isTable, readTable}, true
	}
	return format{}, false
}
