package flow

import "pcapmill/features/column"

// flagCounts counts packets with each TCP flag; flag i is bit 1<<i.
type flagCounts struct{ n [8]uint32 }

// observe has its loop written out, which the compiler does not do, and no branch on
// flags, which no predictor knows.
func (s *flagCounts) observe(f uint16) {
	bits := uint32(f)
	s.n[0] += bits & 1
	s.n[1] += bits >> 1 & 1
	s.n[2] += bits >> 2 & 1
	s.n[3] += bits >> 3 & 1
	s.n[4] += bits >> 4 & 1
	s.n[5] += bits >> 5 & 1
	s.n[6] += bits >> 6 & 1
	s.n[7] += bits >> 7 & 1
}

var flagNames = [8]string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"}

func flagColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		defs := []Def{field32(p+"tcp_flags", attr{unit: column.Bits, when: ifTCP}, "Union of the TCP flags (CWR 0x80 … FIN 0x01, AE 0x100), "+of+".",
			func(r *Row) *uint16 { return &r.sides[dir].seen.flags })}
		for i, name := range flagNames {
			defs = append(defs, field64(p+name+"_packets", attr{unit: column.Packets, when: ifTCP}, "Packets with the "+name+" flag, "+of+".",
				func(r *Row) *uint32 { return &r.sides[dir].flags.n[i] }))
		}
		return defs
	})
}
