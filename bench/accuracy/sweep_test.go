package accuracy_test

import (
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
)

func TestEveryCapture(t *testing.T) {
	cfg := stages.DefaultConfig()
	cfg.Features = []string{"all"}
	for i, c := range captures(t) {
		if !sampled(i, 4) {
			continue
		}
		table, r, err := accuracy.Run(cfg, accuracy.File(capturePath(t, c["capture"])))
		if err != nil {
			t.Errorf("%s: %v", c["capture"], err)
			continue
		}
		for _, f := range r.Failed() {
			t.Errorf("%s: %s: %s", c["capture"], f.Name, f.Detail)
		}
		if got := r.Accounting.Read.Packets; got != c.int("packets") {
			t.Errorf("%s: read %d packets, truth %s (tshark %s); %v; truth: %s", c["capture"], got, c["packets"], c["tshark_packets"], r.Inputs[0].Err, c["reader_error"])
		}
		_ = table
	}
}
