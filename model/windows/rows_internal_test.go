package windows

import (
	"errors"
	"math"
	"net/netip"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// TestValueAt refuses what our writer does not let into a table, but another's might.
func TestValueAt(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1.1e18} {
		if _, _, err := valueAt(&batch.Vector{Float64: []float64{x}}, column.Double, 0); !errors.Is(err, ErrTable) {
			t.Errorf("%v: %v", x, err)
		}
	}
	if _, _, err := valueAt(&batch.Vector{Int64: []int64{1}}, column.Timestamp, 0); !errors.Is(err, ErrTable) {
		t.Errorf("a time: %v", err)
	}
	if x, known, err := valueAt(&batch.Vector{Int32: []int32{7}}, column.Int32, 0); x != 7 || !known || err != nil {
		t.Error(x, known, err)
	}
}

// TestCompare orders as tables do: IPv4 lies where IPv6 has it mapped.
func TestCompare(t *testing.T) {
	order := []string{"::1", "::fffe:0:0", "1.2.3.4", "::ffff:1.2.3.4", "1.2.3.5", "::1:0:0:0", "2001:db8::1"}
	for i := range order {
		for j := range order {
			got := compare(netip.MustParseAddr(order[i]), netip.MustParseAddr(order[j]))
			if want := min(1, max(-1, i-j)); got != want {
				t.Errorf("%s, %s: %d, want %d", order[i], order[j], got, want)
			}
		}
	}
}
