package fingerprint

import (
	"fmt"
	"net/netip"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Columns of a row that hold a number of something.
const (
	outPackets = iota
	inPackets
	outBytes
	inBytes
	activeSeconds
	outFlows
	inFlows
	failedOut
	failedIn
	fanOut
	fanIn
	outPorts
	inPorts
	protocols
	appProtocols
	dnsQueries
	dnsResponses
	dnsNXDomain
	dnsNames
	tlsHellos
	tlsServerNames
	ja4Prints
	counts
)

var countNames = [counts]string{
	outPackets: "out_packets", inPackets: "in_packets", outBytes: "out_wire_bytes", inBytes: "in_wire_bytes",
	activeSeconds: "active_seconds", outFlows: "out_flows", inFlows: "in_flows",
	failedOut: "failed_out_flows", failedIn: "failed_in_flows", fanOut: "fan_out", fanIn: "fan_in",
	outPorts: "out_ports", inPorts: "in_ports", protocols: "protocols", appProtocols: "app_protocols",
	dnsQueries: "dns_queries", dnsResponses: "dns_responses", dnsNXDomain: "dns_nxdomain", dnsNames: "dns_names",
	tlsHellos: "tls_hellos", tlsServerNames: "tls_server_names", ja4Prints: "ja4_prints",
}

// distinct are the counts whose column NAME_exact says whether they are estimates.
var distinct = [...]int{fanOut, fanIn, outPorts, inPorts, protocols, appProtocols, dnsNames, tlsServerNames, ja4Prints}

// Columns of a row that hold what was measured in its window.
const (
	gapMean = iota
	gapStd
	burstScore
	periodSeconds
	periodicityScore
	spectralDominance
	regularity
	nameEntropy
	doubles
)

// doubleColumns have a name and the largest value that makes sense.
var doubleColumns = [doubles]struct {
	name string
	most float64
}{
	gapMean: {"gap_mean_ns", maxWindow}, gapStd: {"gap_std_ns", maxWindow}, burstScore: {"burst_score", 1e12},
	periodSeconds: {"period_s", maxWindow / 1e9}, periodicityScore: {"periodicity_score", 1},
	spectralDominance: {"spectral_dominance", 1}, regularity: {"regularity", 1}, nameEntropy: {"dns_name_entropy_bits", 8},
}

const (
	maxWindow = 366 * 24 * 3600 * 1e9 // ns
	maxCount  = 1 << 53               // far above what a window can hold
	maxNames  = 1 << 40               // the same of names
	maxGaps   = 1 << 62               // ns of all gaps in a row together
	maxSpread = 1e37                  // ns² of all gaps in a row together
	maxHost   = 64                    // bytes of an address as text
)

// row is one row of the table.
type row struct {
	host    netip.Addr
	start   int64 // of the window, ns
	length  int64 // of the window, ns
	capture int32 // -1: the inputs are one sequence
	counts  [counts]int64
	known   [counts]bool
	doubles [doubles]Value
	inexact bool // one of the distinct counts is an estimate
}

const captureColumn = "capture_id" // tables of one sequence may have been written without it

// Columns returns the columns that a Builder and a Timeline need of a table with these
// columns, or ErrTable with the one that is missing.
func Columns(s *column.Schema) ([]string, error) {
	names := required()
	for _, name := range names {
		if s.Index(name) < 0 {
			return nil, fmt.Errorf("%w: table %s has no column %s", ErrTable, text.Escape(s.Table), name)
		}
	}
	if s.Index(captureColumn) >= 0 {
		names = append(names, captureColumn)
	}
	return names, nil
}

func required() []string {
	names := append([]string{"host", "window_start_ns", "window_ns"}, countNames[:]...)
	for _, d := range doubleColumns {
		names = append(names, d.name)
	}
	for _, c := range distinct {
		names = append(names, countNames[c]+"_exact")
	}
	return names
}

// rows reads a batch, which must have the columns that Columns returns.
type rows struct {
	host, start, length, capture *batch.Vector
	counts                       [counts]*batch.Vector
	doubles                      [doubles]*batch.Vector
	exact                        [len(distinct)]*batch.Vector
}

// bind finds the columns of a batch and checks their types.
func bind(b *batch.Batch) (rows, error) {
	var r rows
	var failed error
	find := func(name string, types ...column.Type) *batch.Vector {
		i := b.Schema.Index(name)
		if i < 0 {
			failed = fmt.Errorf("%w: no column %s", ErrTable, name)
			return nil
		}
		for _, t := range types {
			if b.Schema.Columns[i].Type == t {
				return &b.Vectors[i]
			}
		}
		failed = fmt.Errorf("%w: column %s is %s", ErrTable, name, b.Schema.Columns[i].Type)
		return nil
	}
	r.host = find("host", column.String, column.Text)
	r.start, r.length = find("window_start_ns", column.Int64), find("window_ns", column.Int64)
	for i, name := range countNames {
		r.counts[i] = find(name, column.Int64)
	}
	for i := range doubleColumns {
		r.doubles[i] = find(doubleColumns[i].name, column.Double)
	}
	for i, c := range distinct {
		r.exact[i] = find(countNames[c]+"_exact", column.Int32)
	}
	if b.Schema.Index(captureColumn) >= 0 {
		r.capture = find(captureColumn, column.Int32)
	}
	return r, failed
}

// at reads row i. Errors are ErrTable: of packets, none of these values can come.
func (r *rows) at(i int, to *row) error {
	if r.host.Null(i) || r.start.Null(i) || r.length.Null(i) {
		return fmt.Errorf("%w: no host or no window", ErrTable)
	}
	host := r.host.String(i)
	if len(host) > maxHost {
		return fmt.Errorf("%w: a host of %d bytes", ErrTable, len(host))
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" {
		return fmt.Errorf("%w: host %s is no address", ErrTable, text.Escape(host))
	}
	to.host, to.start, to.length, to.capture = addr, r.start.Int64[i], r.length.Int64[i], -1
	if to.length <= 0 || to.length > maxWindow {
		return fmt.Errorf("%w: window_ns is %d", ErrTable, to.length)
	}
	if r.capture != nil && !r.capture.Null(i) {
		to.capture = r.capture.Int32[i]
	}
	return r.numbers(i, to)
}

func (r *rows) numbers(i int, to *row) error {
	for c, v := range r.counts {
		to.counts[c], to.known[c] = 0, !v.Null(i)
		if !to.known[c] {
			continue
		}
		if n := v.Int64[i]; n < 0 || n > maxCount || c == dnsNames && n > maxNames {
			return fmt.Errorf("%w: %s is %d", ErrTable, countNames[c], n)
		}
		to.counts[c] = v.Int64[i]
	}
	for d, v := range r.doubles {
		to.doubles[d] = Value{}
		if v.Null(i) {
			continue
		}
		x := v.Float64[i]
		if !(x >= 0 && x <= doubleColumns[d].most) { // NaN is neither
			return fmt.Errorf("%w: %s is %v", ErrTable, doubleColumns[d].name, x)
		}
		to.doubles[d] = known(x)
	}
	to.inexact = false
	for _, v := range r.exact {
		to.inexact = to.inexact || !v.Null(i) && v.Int32[i] == 0
	}
	return to.agree()
}

// agree refuses parts of a whole that are larger than it, and what sums could not hold.
func (r *row) agree() error {
	for _, c := range [...]int{outPackets, inPackets, outBytes, inBytes, activeSeconds, outFlows, inFlows, failedOut, failedIn} {
		if !r.known[c] {
			return fmt.Errorf("%w: %s is null", ErrTable, countNames[c])
		}
	}
	for _, of := range [...][2]int{{failedOut, outFlows}, {failedIn, inFlows}, {dnsNXDomain, dnsResponses}} {
		if r.counts[of[0]] > r.counts[of[1]] {
			return fmt.Errorf("%w: %s is %d of %d", ErrTable, countNames[of[0]], r.counts[of[0]], r.counts[of[1]])
		}
	}
	n := float64(r.counts[outPackets] + r.counts[inPackets])
	switch mean, std := r.doubles[gapMean].X, r.doubles[gapStd].X; {
	case n*mean > maxGaps:
		return fmt.Errorf("%w: gap_mean_ns is %v of %v packets", ErrTable, mean, n)
	case n*std*std > maxSpread:
		return fmt.Errorf("%w: gap_std_ns is %v of %v packets", ErrTable, std, n)
	}
	return nil
}
