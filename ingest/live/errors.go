package live

import "errors"

// The kinds of errors, for errors.Is.
var (
	ErrConfig      = errors.New("wrong capture options")
	ErrNoInterface = errors.New("no such interface")
	ErrDown        = errors.New("interface is down")
	ErrPermission  = errors.New("capturing is not permitted")
	ErrClosed      = errors.New("capture is closed")
	ErrUnsupported = errors.New("live capture needs Linux")
)
