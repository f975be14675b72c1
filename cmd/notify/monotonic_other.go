//go:build !linux

package notify

import (
	"errors"
	"time"
)

func monotonic() (time.Duration, error) { return 0, errors.New("systemd needs Linux") }
