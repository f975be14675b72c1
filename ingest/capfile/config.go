package capfile

import "fmt"

// Bounds of the configuration.
const (
	// DefaultMaxPacket is tcpdump's and Wireshark's limit.
	DefaultMaxPacket = 262_144
	// LargestMaxPacket bounds what MaxPacket may be set to.
	LargestMaxPacket = 16 << 20
	// DefaultMaxBlock is libpcap's limit for one pcapng block.
	DefaultMaxBlock = 16 << 20
	// DefaultBuffer is the capacity given to a Block that comes without one.
	DefaultBuffer = 256 << 10

	// blockOverhead is what the largest packet block needs besides its packet:
	// header, trailer, padding and 128 KiB of options.
	blockOverhead = 128<<10 + 64
)

// Config holds the limits of a Reader.
type Config struct {
	MaxPacket       uint32 // longest captured length accepted, in bytes
	MaxBlock        uint32 // longest pcapng block accepted, in bytes
	MaxInterfaces   int    // interface descriptions accepted per pcapng section
	TotalInterfaces int    // interface descriptions accepted over all sections

	// Salvage reads on behind damage, where the chain of records or blocks
	// continues. What lies between is lost, and reported: see Salvage in Info.
	Salvage bool
}

// SetMaxPacket sets MaxPacket, and MaxBlock so that such a packet fits a block.
func (c *Config) SetMaxPacket(bytes uint32) {
	c.MaxPacket = bytes
	c.MaxBlock = max(DefaultMaxBlock, min(bytes, LargestMaxPacket)+blockOverhead)
}

// DefaultConfig returns the limits that suit captures of unknown origin.
func DefaultConfig() Config {
	return Config{
		MaxPacket:       DefaultMaxPacket,
		MaxBlock:        DefaultMaxBlock,
		MaxInterfaces:   65_536,
		TotalInterfaces: 262_144,
	}
}

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	switch {
	case c.MaxPacket == 0 || c.MaxPacket > LargestMaxPacket:
		return fmt.Errorf("maximum packet length %d is not between 1 and %d", c.MaxPacket, LargestMaxPacket)
	case c.MaxBlock < 32 || c.MaxBlock > 2*LargestMaxPacket:
		return fmt.Errorf("maximum block length %d is not between 32 and %d", c.MaxBlock, 2*LargestMaxPacket)
	case c.MaxInterfaces < 1 || c.TotalInterfaces < 1:
		return fmt.Errorf("interface limits %d and %d must be above 0", c.MaxInterfaces, c.TotalInterfaces)
	}
	return nil
}

// withDefaults fills the fields left zero, and widens MaxBlock so that the
// largest packet allowed fits a block.
func (c Config) withDefaults() Config {
	d := DefaultConfig()
	if c.MaxPacket == 0 {
		c.MaxPacket = d.MaxPacket
	}
	if c.MaxBlock == 0 {
		c.MaxBlock = max(d.MaxBlock, c.MaxPacket+blockOverhead)
	}
	if c.MaxInterfaces == 0 {
		c.MaxInterfaces = d.MaxInterfaces
	}
	if c.TotalInterfaces == 0 {
		c.TotalInterfaces = d.TotalInterfaces
	}
	return c
}
