package packet_test

import (
	"os"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

// TestFaultsAreDocumented holds docs/errors.md to the reasons that there are.
func TestFaultsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	for f := packet.FaultNone + 1; f < packet.NumFaults; f++ {
		if !strings.Contains(string(page), "\n| `"+f.String()+"` |") {
			t.Errorf("docs/errors.md lacks %s", f)
		}
	}
}
