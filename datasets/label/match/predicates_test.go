package match_test

import (
	"errors"
	"slices"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/outputs/tables"
)

// TestPredicates names each column that a label can hang on, of attempts those of both sides.
func TestPredicates(t *testing.T) {
	flows, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
	if err != nil {
		t.Fatal(err)
	}
	set := &label.Set{Rules: []label.Rule{
		{Where: "fwd_packets > 3"}, {Attempts: []label.Attempt{{Where: "conn_state = REJ and fwd_payload_bytes = 0"}}}, {},
	}}
	got, err := match.Predicates(flows.Schema, set)
	if want := []string{"conn_state", "fwd_packets", "fwd_payload_bytes", "rev_payload_bytes"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	set.Rules[0].Where = "colour = red"
	if _, err := match.Predicates(flows.Schema, set); !errors.Is(err, match.ErrConfig) {
		t.Error(err)
	}
	other := &column.Schema{Table: "dns", Version: 1, Columns: []column.Column{{Name: "flow_id", Type: column.Int64, Doc: "d"}}}
	if _, err := match.Predicates(other, set); !errors.Is(err, tables.ErrTable) {
		t.Error(err)
	}
}
