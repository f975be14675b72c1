package stages

import (
	"fmt"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
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
// decide what fits, so what is in flight is the same whatever their number.
const (
	programBytes  = 40 << 20         // code, runtime, stacks, garbage
	smallestFrame = recordBytes + 20 // of which a block may hold many
	recordBytes   = 16               // header of a record in classic pcap

	blockMemory     = blockBytes + blockBytes/smallestFrame*24 // and a Record each
	viewsMemory     = blockBytes / smallestLayer * (128 + 8)   // a View and a Ref each
	viewsBlocks     = walkedBlocks + 2                         // and those that fragments are sorted into
	recordSheets    = sheetsAhead + 4                          // of all shards, which share the blocks: being filled, on their way, merged
	sheetMemory     = sheetBlocks * blockBytes * 3             // records of ordinary messages; see stages.sheet
	outsidersMemory = blockBytes / smallestFrame * 80          // of which a block may have nothing else
	savedMemory     = sheetBlocks * (2*blockBytes + blockBytes/smallestFrame*64)
	errorsMemory    = 8 << 20              // of the errors table, as batchMemory
	windowMemory    = 8 << 20              // of a table of windows, as batchMemory
	batchMemory     = 4*sheetBytes + 8<<20 // as rows, as vectors, and in pages
	heardBytes      = 20
	talkGrowth      = 3 << 10                                       // of conversations with a packet of ordinary size: a page, or a message's text
	tapsMemory      = 2 * (tapBytes + tapBytes/smallestFrame*24)    // read, and read before
	rowsAway        = crowdRows + interval + chunksAhead*chunkRows  // rows that have ended: not sent, on their way, merged
	rowOverhead     = 200                                           // of a row that has ended: its place in lists
	flowOverhead    = 24 + 22 + 4*32 + flow.RowBytes/slabShare + 16 // meta, buckets, two heaps, the last slab
)

// PlanMemory plans a run's memory. It fails where too little is left for flows. tables
// is what is gathered for the output.
func PlanMemory(total, tables int64, cfg *Config, extras bool) (MemoryPlan, error) {
	p := divideMemory(total, tables, cfg, extras)
	if p.MaxFlows() < MinFlows {
		return p, fmt.Errorf("%d bytes of memory are too few: at least %d MiB are needed", total, leastMemory(&p, tables, cfg, extras)/mib)
	}
	return p, nil
}

const mib = 1 << 20

// StreamShare returns what TCP streams take of a run's memory where nobody says: with as many flows
// open as fit besides, each can have said hello.
func StreamShare(memory int64) int64 { return memory / 4 }

// leastMemory returns how much is enough where a plan's is not, in whole MiB: of more, those that
// take a share take more.
func leastMemory(p *MemoryPlan, tables int64, cfg *Config, extras bool) int64 {
	c, shared := *cfg, cfg.Streams.Total == StreamShare(p.Total)
	for plan := *p; ; plan = divideMemory(plan.Total, tables, &c, extras) {
		last := len(plan.Terms) - 1
		need := MinFlows * plan.Terms[last].Each
		for _, t := range plan.Terms[:last] {
			need += t.Bytes()
		}
		if need <= plan.Total {
			return plan.Total
		}
		plan.Total = (need + mib - 1) / mib * mib
		if shared {
			c.Streams.Total = StreamShare(plan.Total)
		}
	}
}

// divideMemory is PlanMemory, however little is left.
func divideMemory(total, tables int64, cfg *Config, extras bool) MemoryPlan {
	row := int64(flow.RowBytes)
	if extras {
		row += flow.ExtraBytes(cfg.First)
	}
	p := MemoryPlan{Total: total, Terms: []MemoryTerm{
		{"program", 1, programBytes},
		{"tables", 1, tables},
		{"blocks", poolBlocks, blockMemory},
		{"views", viewsBlocks, viewsMemory},
	}}
	p.Terms = append(p.Terms, noteTerms(cfg)...)
	wanted, err := record.Select(cfg.Records)
	messages := err == nil && len(wanted) > 0
	if messages || cfg.Save != nil {
		p.Terms = append(p.Terms, MemoryTerm{"streams", 1, cfg.Streams.Total}, MemoryTerm{"stream growth", interval, talkGrowth})
		row += heardBytes + 8
	}
	if messages {
		p.Terms = append(p.Terms, MemoryTerm{"dns names", namesKept, nameMemory})
	}
	if cfg.wantsWindow(window.Slots) {
		p.Terms = append(p.Terms, MemoryTerm{"slots", 1, window.SlotsMemory + windowMemory})
	}
	if cfg.windowsOfFlows() {
		p.Terms = append(p.Terms, MemoryTerm{"host windows", 1, WindowShare(total)})
		if more := cfg.moreGrids(); more > 0 {
			p.Terms = append(p.Terms, MemoryTerm{"window offsets", more, gridMemory})
		}
	}
	if cfg.Merge {
		p.Terms = append(p.Terms, MemoryTerm{"taps", MaxTaps, tapsMemory})
	}
	if cfg.Fragments.Bytes > 0 {
		p.Terms = append(p.Terms, MemoryTerm{"fragments", 1, cfg.Fragments.Bytes})
	}
	if cfg.Duplicates.Mode != DuplicatesKeep {
		p.Terms = append(p.Terms, MemoryTerm{"duplicates", 1, sightings*32 + dupBuckets*8})
	}
	p.Terms = append(p.Terms, MemoryTerm{"ended", rowsAway, row + rowOverhead})
	left := total
	for _, t := range p.Terms {
		left -= t.Bytes()
	}
	each := row + flowOverhead
	p.Terms = append(p.Terms, MemoryTerm{"flows", max(0, left/each), each})
	return p
}

// noteTerms are what is written down beside the flows: records, errors, packets.
func noteTerms(cfg *Config) []MemoryTerm {
	var terms []MemoryTerm
	wanted, err := record.Select(cfg.Records)
	tables := int64(len(wanted))
	if err != nil {
		tables = 0
	}
	if tables > 0 || cfg.Errors {
		terms = append(terms, MemoryTerm{"records", recordSheets, sheetMemory})
	}
	if tables > 0 {
		terms = append(terms, MemoryTerm{"record batches", tables, batchMemory})
	}
	if cfg.Errors {
		terms = append(terms, MemoryTerm{"errors", 1, errorsMemory})
	}
	if cfg.Errors || cfg.SaveErrors || cfg.Unknown {
		terms = append(terms, MemoryTerm{"outsiders", viewsBlocks, outsidersMemory})
	}
	if cfg.SaveErrors || cfg.Unknown {
		terms = append(terms, MemoryTerm{"saved packets", recordSheets, savedMemory})
	}
	if cfg.SaveErrors { // of datagrams given up all at once: with the block, and with the sheet
		terms = append(terms, MemoryTerm{"saved fragments", 2, cfg.Fragments.Bytes})
	}
	return terms
}
