package label

// AutoAttempts returns the attempts that a flow's own columns tell. The first that holds
// counts, so the one that says most of why nothing came of it stands first.
//
//	6 target unresponsive     the victim sent no packet
//	1 port or system closed   it refused the connection
//	0 no payload              the attacker sent none
//
// Later pieces of a connection are none of these, since what an earlier piece had is not in
// them. Categories 2 to 5 hang on what was sent and why; an ICMP message that says that a host
// or port is closed is a flow of its own. RSTRH, in Zeek an answer to a SYN that is not in the
// capture, is no refusal: there the victim accepted first.
//
// They are not for attacks that want no answer or carry no payload, such as floods and scans,
// of which they would take every flow.
//
// Source: Liu, Engelen et al., Error Prevalence in NIDS Datasets (CNS 2022).
func AutoAttempts() []Attempt {
	return []Attempt{
		{Category: 6, Where: "piece_no = 0 and rev_packets = 0"},
		{Category: 1, Where: "piece_no = 0 and conn_state = REJ and fwd_payload_bytes = 0"},
		{Category: 0, Where: "piece_no = 0 and fwd_payload_bytes = 0"},
	}
}
