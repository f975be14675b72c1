package fingerprint

import (
	"math"

	"pcapmill/features/column"
)

// VectorVersion is raised with each change of Features that changes what a vector says:
// vectors of different versions are not compared.
const VectorVersion = 1

// perHour is the unit of what happens seldom.
const perHour column.Unit = "1/h"

// Feature is one component of the vector.
type Feature struct {
	Name  string
	Unit  column.Unit
	Group string
	Doc   string  // what it is of a host's windows together
	Null  string  // when it is unknown
	Low   float64 // where the fixed scale begins
	High  float64 // where it ends
	Usual float64 // its middle: of a host that is neither busy nor special; Low where most hosts have none
	Step  float64 // > 0: amounts, which differ by factors: scaled as ln(1 + x/Step); 0: as they are
	Most  float64 // the largest possible value; 0: there is none

	of func(j *joined) Value
}

// Features returns the components of the vector, in its order. The caller may change the
// result.
func Features() []Feature { return append([]Feature(nil), features...) }

// position returns where a feature is in the vector, or -1.
func position(name string) int {
	for i := range features {
		if features[i].Name == name {
			return i
		}
	}
	return -1
}

// Transform makes amounts comparable: ln(1 + x/Step), or x where there is no Step.
func (f *Feature) Transform(x float64) float64 {
	if f.Step > 0 {
		return math.Log1p(x / f.Step)
	}
	return x
}

const (
	noPackets = "no packet"
	noFlow    = "no flow of this direction"
	noDNS     = "no window of a run that read DNS"
	noHellos  = "no window of a run that read TLS and QUIC"
)

var features = []Feature{
	{
		Name: "packets_per_s", Unit: column.PerSecond, Group: "volume", Step: 0.01, High: 1e4, Usual: 0.1,
		Doc: "Packets in both directions over the length of the host's windows.",
		of:  func(j *joined) Value { return j.perSecond(j.packets(), j.number.all) },
	}, {
		Name: "wire_bytes_per_s", Unit: column.BytesPerS, Group: "volume", Step: 1, High: 12.5e6, Usual: 50,
		Doc: "Wire bytes in both directions over the length of the host's windows.",
		of:  func(j *joined) Value { return j.perSecond(j.bytes(), j.number.all) },
	}, {
		Name: "packet_mean_bytes", Unit: column.Bytes, Group: "volume", Low: 60, High: 1514, Usual: 300,
		Doc: "Mean length on the wire of packets in both directions.", Null: noPackets,
		of: func(j *joined) Value { return ratio(j.bytes(), j.packets()) },
	}, {
		Name: "active_share", Unit: column.Ratio, Group: "volume", High: 1, Usual: 0.02, Most: 1,
		Doc: "Seconds with a packet over the seconds of the host's windows.",
		of:  func(j *joined) Value { return j.activeShare() },
	}, {
		Name: "gap_mean_ns", Unit: column.Nanos, Group: "timing", Step: 1e3, High: 6e11, Usual: 5e9,
		Doc: "Mean gap between consecutive packets of the host inside its windows.", Null: "no window with two packets",
		of: func(j *joined) Value { return j.gaps.mean() },
	}, {
		Name: "gap_std_ns", Unit: column.Nanos, Group: "timing", Step: 1e3, High: 6e11, Usual: 1e10,
		Doc: "Population standard deviation of these gaps, of all windows together.", Null: "fewer than two gaps",
		of: func(j *joined) Value { return j.gaps.std() },
	}, {
		Name: "gap_cv", Unit: column.Ratio, Group: "timing", Step: 0.1, High: 50, Usual: 3,
		Doc: "Coefficient of variation of these gaps: gap_std_ns / gap_mean_ns.", Null: "fewer than two gaps, or all of them are 0",
		of: func(j *joined) Value { return j.gaps.cv() },
	}, {
		Name: "burst_score", Unit: column.Ratio, Group: "timing", Step: 1, Low: 1, High: 600, Usual: 20,
		Doc: "Mean over the windows of the most packets in one second over the mean of the seconds from the first to the last packet.", Null: noPackets,
		of: func(j *joined) Value { return j.mean(burstScore) },
	}, {
		Name: "outbound_ratio", Unit: column.Ratio, Group: "direction", High: 1, Usual: 0.5, Most: 1,
		Doc: "Wire bytes that the host sent over those of both directions.", Null: "no byte",
		of: func(j *joined) Value { return ratio(j.counts[outBytes], j.bytes()) },
	}, {
		Name: "outbound_packet_ratio", Unit: column.Ratio, Group: "direction", High: 1, Usual: 0.5, Most: 1,
		Doc: "Packets that the host sent over those of both directions.", Null: noPackets,
		of: func(j *joined) Value { return ratio(j.counts[outPackets], j.packets()) },
	}, {
		Name: "inbound_flow_ratio", Unit: column.Ratio, Group: "direction", High: 1, Usual: 0.5, Most: 1,
		Doc: "Flows that others initiated over all flows of the host.", Null: "no flow",
		of: func(j *joined) Value { return ratio(j.counts[inFlows], j.flows()) },
	}, {
		Name: "period_s", Unit: column.Seconds, Group: "periodicity", Step: 1, Low: 2, High: 300, Usual: 60,
		Doc: "Lower median of the windows' dominant periods, in whole seconds of evenly sampled time.", Null: "no window has a period",
		of: func(j *joined) Value { return j.period() },
	}, {
		Name: "periodicity_score", Unit: column.Ratio, Group: "periodicity", High: 1, Usual: 0.2, Most: 1,
		Doc: "Mean over the windows of the autocorrelation at the dominant period.", Null: "no window with 8 active seconds",
		of: func(j *joined) Value { return j.mean(periodicityScore) },
	}, {
		Name: "spectral_dominance", Unit: column.Ratio, Group: "periodicity", High: 1, Usual: 0.05, Most: 1,
		Doc: "Mean over the windows of the share of power at the dominant frequency.", Null: "no window with 8 active seconds",
		of: func(j *joined) Value { return j.mean(spectralDominance) },
	}, {
		Name: "regularity", Unit: column.Ratio, Group: "periodicity", High: 1, Usual: 0.5, Most: 1,
		Doc: "Mean over the windows of 1/(1+cv) of the gaps between starts of bursts.", Null: "no window with three bursts in 8 active seconds",
		of: func(j *joined) Value { return j.mean(regularity) },
	}, {
		Name: "out_flows_per_hour", Unit: perHour, Group: "flows", Step: 1, High: 1e5,
		Doc: "Flows that the host initiated, per hour of its windows.",
		of:  func(j *joined) Value { return j.perHour(j.counts[outFlows], j.number.all) },
	}, {
		Name: "in_flows_per_hour", Unit: perHour, Group: "flows", Step: 1, High: 1e5,
		Doc: "Flows that others initiated, per hour of the host's windows.",
		of:  func(j *joined) Value { return j.perHour(j.counts[inFlows], j.number.all) },
	}, {
		Name: "failed_out_ratio", Unit: column.Ratio, Group: "flows", High: 1, Most: 1,
		Doc: "Failed flows over all that the host initiated.", Null: noFlow,
		of: func(j *joined) Value { return ratio(j.counts[failedOut], j.counts[outFlows]) },
	}, {
		Name: "failed_in_ratio", Unit: column.Ratio, Group: "flows", High: 1, Most: 1,
		Doc: "Failed flows over all that others initiated.", Null: noFlow,
		of: func(j *joined) Value { return ratio(j.counts[failedIn], j.counts[inFlows]) },
	}, {
		Name: "fan_out", Unit: column.Count, Group: "peers", Step: 1, High: 1024,
		Doc: "Mean over the windows of the different responders.",
		of:  func(j *joined) Value { return ratio(j.counts[fanOut], j.number.all) },
	}, {
		Name: "fan_in", Unit: column.Count, Group: "peers", Step: 1, High: 1024,
		Doc: "Mean over the windows of the different initiators.",
		of:  func(j *joined) Value { return ratio(j.counts[fanIn], j.number.all) },
	}, {
		Name: "out_ports", Unit: column.Count, Group: "peers", Step: 1, High: 1024,
		Doc: "Mean over the windows of the different ports of responders.",
		of:  func(j *joined) Value { return ratio(j.counts[outPorts], j.number.all) },
	}, {
		Name: "in_ports", Unit: column.Count, Group: "peers", Step: 1, High: 1024,
		Doc: "Mean over the windows of the host's different ports that others went to.",
		of:  func(j *joined) Value { return ratio(j.counts[inPorts], j.number.all) },
	}, {
		Name: "protocols", Unit: column.Count, Group: "peers", Step: 1, High: 8, Usual: 1,
		Doc: "Mean over the windows of the different IP protocols.",
		of:  func(j *joined) Value { return ratio(j.counts[protocols], j.number.all) },
	}, {
		Name: "app_protocols", Unit: column.Count, Group: "peers", Step: 1, High: 8, Usual: 1,
		Doc: "Mean over the windows of the different protocols that payloads speak.", Null: "no window of a run that read messages",
		of: func(j *joined) Value { return ratio(j.counts[appProtocols], j.number.apps) },
	}, {
		Name: "dns_queries_per_hour", Unit: perHour, Group: "dns", Step: 1, High: 1e5,
		Doc: "DNS queries per hour of the host's windows.", Null: noDNS,
		of: func(j *joined) Value { return j.perHour(j.counts[dnsQueries], j.number.dns) },
	}, {
		Name: "dns_message_share", Unit: column.Ratio, Group: "dns", High: 1, Most: 1,
		Doc: "DNS queries of the host and their responses over its packets, 1 at most.", Null: noPackets + "; " + noDNS,
		of: func(j *joined) Value { return j.messageShare() },
	}, {
		Name: "nxdomain_ratio", Unit: column.Ratio, Group: "dns", High: 1, Most: 1,
		Doc: "Responses that say NXDOMAIN over all responses.", Null: "no response; " + noDNS,
		of: func(j *joined) Value { return ratio(j.counts[dnsNXDomain], j.counts[dnsResponses]) },
	}, {
		Name: "dns_names", Unit: column.Count, Group: "dns", Step: 1, High: 1024,
		Doc: "Mean over the windows of the different names asked for.", Null: noDNS,
		of: func(j *joined) Value { return ratio(j.counts[dnsNames], j.number.dns) },
	}, {
		Name: "dns_name_entropy_bits", Unit: column.Bits, Group: "dns", High: 5, Usual: 3.5, Most: 8,
		Doc: "Mean over the names of the entropy of a name's bytes; a name counts in each window in which it is asked for.", Null: "no name; " + noDNS,
		of: func(j *joined) Value { return j.entropyBits() },
	}, {
		Name: "tls_hellos_per_hour", Unit: perHour, Group: "tls", Step: 1, High: 1e4,
		Doc: "Flows of the host with a TLS or QUIC client hello, per hour of its windows.", Null: noHellos,
		of: func(j *joined) Value { return j.perHour(j.counts[tlsHellos], j.number.hellos) },
	}, {
		Name: "tls_server_names", Unit: column.Count, Group: "tls", Step: 1, High: 1024,
		Doc: "Mean over the windows of the different server names in these hellos.", Null: noHellos,
		of: func(j *joined) Value { return ratio(j.counts[tlsServerNames], j.number.hellos) },
	}, {
		Name: "ja4_prints", Unit: column.Count, Group: "tls", Step: 1, High: 64,
		Doc: "Mean over the windows of the different JA4 fingerprints of these hellos.", Null: noHellos,
		of: func(j *joined) Value { return ratio(j.counts[ja4Prints], j.number.hellos) },
	},
}
