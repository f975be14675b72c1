package live

import (
	"path/filepath"
	"testing"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
)

// SIGTERM ends both parts within ten seconds, with packets still coming and segments still
// waiting, and all that is there is consistent.
func TestSIGTERM(t *testing.T) {
	r := newRig(t)
	for i := range rounds(2, 10) {
		r.anew(string(rune('a' + i)))
		stop := r.keepSending(30_000)
		capture, analysis := r.capture("--rotate", "2000p"), r.analyse("-q")
		time.Sleep(time.Duration(300+700*i%1500) * time.Millisecond)
		took := [2]time.Duration{r.stop(capture), r.stop(analysis)}
		stop()
		recorded := r.recorded()
		if err := recorded.Whole(r.seg); err != nil || recorded.Ended != 1 {
			t.Errorf("%d ends, %v", recorded.Ended, err)
		}
		for _, dir := range []string{r.seg, r.out} {
			if report, err := ledger.Verify(filepath.Join(dir, event.LedgerName)); err != nil || report.Torn > 0 {
				t.Errorf("%s: %+v, %v", dir, report, err)
			}
		}
		if _, err := WholeTables(r.out); err != nil {
			t.Error(err)
		}
		r.ended(r.launch("verify", r.out))
		t.Logf("capture %v, analysis %v", took[0].Round(time.Millisecond), took[1].Round(time.Millisecond))
	}
}
