package source

import (
	"cmp"

	"pcapmill/datasets/label"
)

// Priorities of what tools say, below those that rules have unless they say another: people
// overrule tools, alerts and notices overrule models, and all that is about one flow overrules
// the name of its capture.
//
// An alert's is its severity below 0, of which Suricata has 1 (the worst) to 255.
const (
	unknownSeverity  = 256
	noticePriority   = -2 // Zeek knows no severities
	scorePriority    = -1000
	fileNamePriority = -2000
)

// alert is what eve.json and fast.log both say of an alert besides its packet.
type alert struct {
	id        string // gid:sid
	signature string // empty: its rule has no msg
	category  string // empty: its rule has no classtype
	severity  int32  // 0: unknown
	mitre     string
}

// meaning takes the classification or the signature as label. Signatures without a
// classification are labels themselves: leaving such alerts out, as netcap does, loses most of
// them where rules have no classtype.
func (a *alert) meaning(by string) label.Meaning {
	m := label.Meaning{ID: a.id, Category: a.category, MITRE: a.mitre, Priority: -a.severity}
	if a.severity == 0 {
		m.Priority = -unknownSeverity
	}
	m.Label = cmp.Or(a.category, a.signature, a.id)
	if by == LabelSignature {
		m.Label = cmp.Or(a.signature, a.id)
	}
	return m
}
