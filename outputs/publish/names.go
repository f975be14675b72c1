package publish

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// Names of ours inside an output folder.
const (
	ownPrefix  = ".pcapmill-"
	tempPrefix = ownPrefix + "tmp-"
	markerName = ownPrefix + "run.json"
	lockName   = ownPrefix + "lock"
)

// IsOwn reports whether a file name is one that only an unfinished run leaves:
// temporary files, the marker, the lock.
func IsOwn(name string) bool { return strings.HasPrefix(name, ownPrefix) }

// isPart reports whether a file of a table folder is one that a run writes there.
func isPart(name string) bool {
	return strings.HasPrefix(name, "part-") || strings.HasPrefix(name, "segment-") || strings.HasPrefix(name, tempPrefix)
}

// validName reports whether a table or file may have this name directly below the
// folder: letters, digits, _ - . and no leading dot. Names from packets never
// come here; this catches defects.
func validName(name string) bool {
	if name == "" || name[0] == '.' || len(name) > 100 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

func tempName() string {
	var b [8]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return tempPrefix + hex.EncodeToString(b[:])
}
