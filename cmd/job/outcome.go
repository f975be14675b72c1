package job

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/input"
	"pcapmill/outputs/manifest"
)

// Outcome is what became of one input.
type Outcome struct {
	Kind   string // one of manifest.Outcomes
	Reason string // machine-readable; empty where the input is complete
	Offset int64  // of what Reason names, in bytes of the decompressed stream
	Detail string // for people, from the file's own bytes too: escape it
}

// Reasons besides those of package capfile.
const (
	reasonNotFound    = "not_found"
	reasonPermission  = "permission_denied"
	reasonOpenFailed  = "open_failed"
	reasonReadFailed  = "read_failed"
	reasonChanged     = "changed_while_read"
	reasonCompression = "unsupported_compression"
	reasonExpansion   = "expansion_limit"
	reasonWindow      = "window_limit"
	reasonLayers      = "layers_limit"
	reasonTrailing    = "trailing_data"
	reasonUnread      = "not_read"
)

// outcomeOf classifies the error that reading an input ended with. opened says
// whether it ever was a capture; offset is how far whole records went.
func outcomeOf(err error, path string, opened bool, offset int64) Outcome {
	if err == nil {
		return Outcome{Kind: manifest.Complete}
	}
	out := Outcome{Kind: manifest.Rejected}
	if opened {
		out.Kind = manifest.Partial
	}
	if limited, ok := limitOf(err); ok {
		return limited
	}
	var stream *decompress.StreamError
	var damage *capfile.DamageError
	var format *capfile.FormatError
	var unsupported *decompress.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		out.Reason, out.Detail = reasonCompression, unsupported.Error()
	case errors.As(err, &stream):
		out.Reason, out.Offset = streamReason(stream), stream.Offset
		out.Detail = fmt.Sprintf("%v (stored offset %d)", stream.Err, stream.InputOffset)
	case errors.As(err, &damage):
		out.Reason, out.Offset, out.Detail = string(damage.Reason), damage.Offset, detail(damage.Detail, damage.Err)
	case errors.As(err, &format):
		out.Reason, out.Offset, out.Detail = string(format.Reason), format.Offset, detail(format.Detail, format.Err)
	case errors.Is(err, input.ErrChanged):
		out.Reason, out.Offset, out.Detail = reasonChanged, offset, changeDetail(err)
	default:
		out.Reason, out.Offset, out.Detail = systemReason(err, opened), offset, cause(err, path)
	}
	return out
}

// limitOf is the outcome of an input that went over a limit.
func limitOf(err error) (Outcome, bool) {
	out := Outcome{Kind: manifest.Limit}
	var expansion *decompress.ExpansionError
	var window *decompress.WindowError
	var layers *decompress.LayersError
	var limit *capfile.LimitError
	switch {
	case errors.As(err, &expansion):
		out.Reason, out.Offset, out.Detail = reasonExpansion, expansion.Offset, expansion.Error()
	case errors.As(err, &window):
		out.Reason, out.Offset, out.Detail = reasonWindow, window.Offset, window.Error()
	case errors.As(err, &layers):
		out.Reason, out.Detail = reasonLayers, layers.Error()
	case errors.As(err, &limit):
		out.Reason, out.Offset, out.Detail = string(limit.Reason), limit.Offset, fmt.Sprintf("the limit is %d", limit.Limit)
	default:
		return out, false
	}
	return out, true
}

// changeDetail says how a file changed.
func changeDetail(err error) string {
	var change *input.ChangeError
	if errors.As(err, &change) {
		return change.Detail
	}
	return "the file is not what it was when it was opened"
}

func streamReason(e *decompress.StreamError) string {
	switch {
	case errors.Is(e.Err, decompress.ErrTrailing):
		return reasonTrailing
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		return e.Format.String() + "_truncated"
	}
	return e.Format.String() + "_damaged"
}

func detail(text string, err error) string {
	if text == "" && err != nil {
		return err.Error()
	}
	return text
}

func systemReason(err error, opened bool) string {
	switch {
	case opened:
		return reasonReadFailed
	case errors.Is(err, fs.ErrNotExist):
		return reasonNotFound
	case errors.Is(err, fs.ErrPermission):
		return reasonPermission
	}
	return reasonOpenFailed
}

// cause is the text of an error without the path before it: whoever shows it has
// named the file already.
func cause(err error, path string) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return strings.TrimPrefix(err.Error(), input.Shown(path)+": ")
}
