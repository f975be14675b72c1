package job

import (
	"fmt"

	"pcapmill/ingest/capfile"
	"pcapmill/outputs/manifest"
)

// addStreams adds the bytes of the inputs' streams, by kind.
func addStreams(a *manifest.Accounting, inputs []InputReport) {
	var sum capfile.ByteCount
	for i := range inputs {
		a.StreamBytes += inputs[i].Facts.Stream
		for kind, n := range inputs[i].Facts.Info.Bytes {
			sum[kind] += n
		}
	}
	for kind, n := range sum {
		a.StreamBy = append(a.StreamBy, manifest.Count{Outcome: capfile.ByteKind(kind).String(), N: n})
	}
}

// streamChecks are the equations of bytes: every byte of every input is of one
// kind, the packets among them are those that were read, and nothing is left of
// an input that is complete. An input that fails is named.
func streamChecks(inputs []InputReport) []manifest.SelfCheck {
	var streams, kinds, captured, packets, left int64
	var failed []manifest.SelfCheck
	for i := range inputs {
		in := &inputs[i]
		bytes := &in.Facts.Info.Bytes
		streams, kinds = streams+in.Facts.Stream, kinds+bytes.Sum()
		failed = appendFailed(failed, i, "stream bytes = sum over kinds", in.Facts.Stream, bytes.Sum())
		if in.summary.Stopped { // packets behind the number asked for were parsed, not read
			continue
		}
		read := in.summary.Accounting.Read.CapturedBytes
		captured, packets = captured+read, packets+bytes[capfile.PacketBytes]
		failed = appendFailed(failed, i, "captured bytes read = packets in the stream", read, bytes[capfile.PacketBytes])
		if in.OK() {
			left += bytes[capfile.TrailingBytes]
			failed = appendFailed(failed, i, "trailing bytes = 0", 0, bytes[capfile.TrailingBytes])
		}
	}
	return append([]manifest.SelfCheck{
		manifest.NewSelfCheck("inputs: stream bytes = sum over kinds", streams, kinds),
		manifest.NewSelfCheck("inputs: captured bytes read = packets in the streams", captured, packets),
		manifest.NewSelfCheck("complete inputs: trailing bytes = 0", 0, left),
	}, failed...)
}

func appendFailed(checks []manifest.SelfCheck, i int, name string, want, got int64) []manifest.SelfCheck {
	c := manifest.NewSelfCheck(fmt.Sprintf("inputs[%d]: %s", i, name), want, got)
	if c.OK {
		return checks
	}
	return append(checks, c)
}
