package stages

import (
	"fmt"

	"pcapmill/features/flow"
)

// MemoryTerm is one use of a run's memory: so many of so many bytes.
type MemoryTerm struct {
	Name        string
	Count, Each int64
}

// Bytes returns the term's memory.
func (t MemoryTerm) Bytes() int64 { return t.Count * t.Each }

// MemoryPlan divides an amount of memory over the terms of a run. What no other
// term needs goes to flows, so that the last term is their limit.
type MemoryPlan struct {
	Total int64
	Terms []MemoryTerm
}

// MaxFlows returns how many flows fit.
func (p *MemoryPlan) MaxFlows() int64 { return p.Terms[len(p.Terms)-1].Count }

// What is planned for apart from flows. The workers are not in it: they must not
// decide what fits.
const (
	programBytes  = 48 << 20         // code, runtime, stacks, garbage
	tableBytes    = 48 << 20         // columns of the batches and of the open row group, encoders
	plannedBlocks = 24               // in flight, and in the reorder window
	smallestFrame = recordBytes + 20 // of which a block may hold many
	recordBytes   = 16               // header of a record in classic pcap
	flowOverhead  = 352              // meta, buckets, wheel, heaps, rows on their way out, growth
	perLayer      = 24 + 128 + 8     // Record, View, list entries
)

// PlanMemory plans a run's memory. It fails where too little is left for flows.
func PlanMemory(total int64, cfg *Config, extras bool) (MemoryPlan, error) {
	p := MemoryPlan{Total: total, Terms: []MemoryTerm{
		{"program", 1, programBytes},
		{"tables", 1, tableBytes},
		{"blocks", plannedBlocks, blockBytes + blockBytes/smallestFrame*perLayer},
	}}
	if cfg.Fragments.Bytes > 0 {
		p.Terms = append(p.Terms, MemoryTerm{"fragments", 1, cfg.Fragments.Bytes})
	}
	if cfg.Duplicates.Mode != DuplicatesKeep {
		p.Terms = append(p.Terms, MemoryTerm{"duplicates", 1, sightings*32 + dupBuckets*8})
	}
	left := total
	for _, t := range p.Terms {
		left -= t.Bytes()
	}
	each := flowBytes(cfg, extras)
	p.Terms = append(p.Terms, MemoryTerm{"flows", max(0, left/each), each})
	if p.MaxFlows() < MinFlows {
		return p, fmt.Errorf("%d bytes of memory are too few: the least is %d", total, total-left+MinFlows*each)
	}
	return p, nil
}

// flowBytes is the memory of one open flow.
func flowBytes(cfg *Config, extras bool) int64 {
	each := int64(flow.RowBytes) + flowOverhead
	if extras {
		each += flow.ExtraBytes(cfg.First)
	}
	return each
}
