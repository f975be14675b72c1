package manifest

import (
	"encoding/hex"
	"fmt"
	"strings"

	"pcapmill/outputs/text"
)

// EncodePath returns how a path is stored: as given and no hex where it is
// printable UTF-8, else with everything else made visible and the raw bytes in hex.
func EncodePath(path string) (shown, rawHex string) {
	shown = text.Escape(path)
	if shown == path || strings.ReplaceAll(shown, `\\`, `\`) == path {
		return path, "" // at most backslashes were doubled, and JSON keeps those
	}
	return shown, hex.EncodeToString([]byte(path))
}

// DecodePath returns the path that EncodePath was given.
func DecodePath(shown, rawHex string) (string, error) {
	if rawHex == "" {
		return shown, nil
	}
	raw, err := hex.DecodeString(rawHex)
	if err != nil {
		return "", fmt.Errorf("path %q: %w", shown, err)
	}
	return string(raw), nil
}

// SetPath stores a path losslessly.
func (in *Input) SetPath(path string) { in.Path, in.PathHex = EncodePath(path) }

// RawPath returns the path as it was given.
func (in *Input) RawPath() (string, error) { return DecodePath(in.Path, in.PathHex) }
