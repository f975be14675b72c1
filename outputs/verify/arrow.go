package verify

import (
	"os"

	"pcapmill/outputs/ipc"
)

// openArrow compares the footer of an Arrow IPC file. Its row sums are not taken:
// the flows table is counted where it is Parquet.
func (p *part) openArrow(h *os.File) error {
	info, err := h.Stat()
	if err != nil {
		return err
	}
	file, err := ipc.Stat(h, info.Size())
	if err != nil {
		return err
	}
	p.counted = file.Rows
	if file.SchemaSHA256 != p.schema {
		p.find(CheckSchema, "%q, listed is %s", file.SchemaSHA256, p.schema)
	}
	if got := file.Metadata[planKey]; got != p.plan {
		p.find(CheckPlan, "%q, listed is %q", got, p.plan)
	}
	return nil
}
