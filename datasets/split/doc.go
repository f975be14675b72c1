// Package split divides a dataset into training, validation and test.
//
//	keys ─► units: what no split may divide ─► assign ─► split of each unit
//	data, keys ─► rows of train │ validation │ test, or left out and counted
//	             └─ train ─► datasets/scale
//
// # Units
//
// Pieces of one connection are one unit, whatever the policy. Rows that share a value of a
// column of --group are too, and so on: units are connected components. Policies add:
//
//	random, conn   nothing
//	capture        the capture
//	campaign       the campaign; connections without one, or of benign labels, blocks of time
//	host           the host: --hosts says which of the two
//	time           nothing; the unit's stretch of time decides
//
// # Time
//
// With boundaries B1 and B2 and an embargo e, training ends at B1, validation has what lies
// between B1+e and B2, and test what begins at B2+e or later. A unit that lies across a boundary
// or touches an embargo is left out: its features would know both sides.
//
// # Hosts
//
// All hosts that ever meet are one component, mostly of everything. So with --hosts internal the
// rows belong to the internal host that begins them (or is their target, where the initiator
// is none; or to the initiator, where neither is), and rows between internal hosts of two splits are
// left out: no internal host is in two splits. With --hosts initiator rows belong to their src_ip,
// none is left out, and a host may be a responder in another split.
//
// # Shares
//
// Units are assigned one after the other, the largest first and equal ones by the hash of the
// seed and their connection, each to the split where Σ(have−want)²/want grows least, over rows or, when
// stratified, over the rows of each label. So shares are as near to those asked for as the sizes
// of units allow, the report has those reached, and the order of rows does not matter.
//
// # Open world
//
// Classes that a model shall not know are in test alone, or in validation too if asked for. Units
// with no other rows go there; of other units, and by time, such rows are left out of splits that
// may not have them.
package split
