package flow

import "pcapmill/features/column"

// flagCounts counts packets with each TCP flag; flag i is bit 1<<i.
type flagCounts struct {
	n     [8]uint32
	union uint16
}

func (s *flagCounts) observe(f uint16) {
	s.union |= f
	for i := range s.n {
		s.n[i] += uint32(f>>i) & 1
	}
}

var flagNames = [8]string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"}

func flagColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		defs := []Def{field32(p+"tcp_flags", attr{unit: column.Bits, when: ifTCP}, "Union of the TCP flags (CWR 0x80 … FIN 0x01, AE 0x100), "+of+".",
			func(r *Row) *uint16 { return &r.sides[dir].flags.union })}
		for i, name := range flagNames {
			defs = append(defs, field64(p+name+"_packets", attr{unit: column.Packets, when: ifTCP}, "Packets with the "+name+" flag, "+of+".",
				func(r *Row) *uint32 { return &r.sides[dir].flags.n[i] }))
		}
		return defs
	})
}
