package input

import (
	"fmt"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// HashMode says whether stored bytes are hashed.
type HashMode string

// The hash modes.
const (
	HashSHA256 HashMode = "sha256"
	HashNone   HashMode = "none"
)

// Config are the settings of reading captures.
type Config struct {
	Hash       HashMode
	Capfile    capfile.Config
	Decompress decompress.Config
}

// DefaultConfig hashes with SHA-256 and uses the readers' own limits.
func DefaultConfig() Config {
	return Config{Hash: HashSHA256, Capfile: capfile.DefaultConfig(), Decompress: decompress.DefaultConfig()}
}

// Validate reports the first setting that cannot be used.
func (c *Config) Validate() error {
	if c.Hash != HashSHA256 && c.Hash != HashNone {
		return fmt.Errorf("unknown input hash %q; known are sha256, none", c.Hash)
	}
	if err := c.Capfile.Validate(); err != nil {
		return err
	}
	return c.Decompress.Validate()
}
