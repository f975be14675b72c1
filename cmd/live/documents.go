package live

import (
	"pcapmill/cmd/job"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// writeManifest brings manifest.json and execution.json up to the last record of the ledger.
func (a *analysis) writeManifest() error {
	m := a.document()
	e := job.NewExecution(&a.o.Job, a.plan, a.began)
	e.ExitCode = a.exit(nil)
	return failed(job.ExitOutput, a.folder.WriteManifest(m, e))
}

// document is the manifest: what the ledger lists is not in it; see livefolder.Whole.
func (a *analysis) document() *manifest.Manifest {
	s, head := &a.history.sums, a.folder.Log.Head()
	m := &manifest.Manifest{
		PlanID: a.plan.ID, Tool: a.o.Job.Tool, Options: a.plan.Options, Again: a.o.Job.Again,
		Accounting: s.accounting, SelfChecks: s.checks.All,
		Live: &manifest.Live{
			Ledger: livefolder.LedgerName, Records: head.Seq, Head: head.Head,
			Segments: s.segments, Through: a.history.mark.Number, Sessions: s.sessions, Open: a.open,
		},
	}
	if limit := a.o.Job.Stages.MaxFlows; limit > 0 {
		m.Limits = map[string]int64{"max_flows": limit}
	}
	for _, schema := range a.plan.Schemas {
		m.Tables = append(m.Tables, manifest.Table{Name: schema.Table, SchemaSHA256: schema.Hash(), Rows: s.rows[schema.Table]})
	}
	gaps := GapsSchema()
	m.Tables = append(m.Tables, manifest.Table{Name: gaps.Table, SchemaSHA256: gaps.Hash(), Rows: s.rows[gaps.Table]})
	return m
}
