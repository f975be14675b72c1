package split

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/scale"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Splits are the names, by number.
const (
	Train = iota
	Validation
	Test
	splits
)

var names = [splits]string{"train", "validation", "test"}

// Names returns the names of splits, training first.
func Names() []string { return names[:] }

// Policies.
const (
	ByTime     = "time"
	ByHost     = "host"
	ByCapture  = "capture"
	ByCampaign = "campaign"
	ByConn     = "conn"
	ByRandom   = "random" // the same as conn: pieces of a connection always stay together
)

// Policies returns their names.
func Policies() []string { return []string{ByTime, ByHost, ByCapture, ByCampaign, ByConn, ByRandom} }

// Which host rows belong to.
const (
	HostsInternal  = "internal"
	HostsInitiator = "initiator"
)

// Config says how a dataset is divided.
type Config struct {
	By         string
	Shares     [splits]float64 // of rows, in any unit; 0: there is no such split, of training and test never
	Seed       uint64
	Stratify   bool
	Groups     []string       // columns of keys
	Embargo    time.Duration  // by time
	Boundaries []time.Time    // by time, instead of Shares: where validation and test begin, or test alone
	Hosts      string         // by host
	Internal   []netip.Prefix // by host
	TestHosts  []netip.Prefix // by host: whose rows are test
	Benign     []string       // by campaign: labels of what is none, in any case of letters
	Block      time.Duration  // by campaign
	Unknown    []string       // labels that training does not have
	UnknownN   int            // how many labels training does not have, instead
	Validated  bool           // whether validation has them
	Scale      scale.Config
}

// DefaultConfig returns the settings used when none are given.
func DefaultConfig() Config {
	c := Config{By: ByTime, Shares: [splits]float64{70, 15, 15}, Seed: 1, Hosts: HostsInternal, Benign: []string{"benign", "normal"}, Block: time.Hour, Scale: scale.DefaultConfig()}
	for _, p := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"} {
		c.Internal = append(c.Internal, netip.MustParsePrefix(p))
	}
	return c
}

var (
	// ErrInput: the folder is no dataset that can be split.
	ErrInput = errors.New("is no dataset to split")
	// ErrLimit: there is more of something than is kept.
	ErrLimit = errors.New("too many")
)

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInput, fmt.Errorf(format, args...))
}

// Validate returns the first thing that is wrong, a usage.Err.
func (c *Config) Validate() error {
	switch {
	case !slices.Contains(Policies(), c.By):
		return usage.Errorf("no split is by %s: it is by %s", text.Escape(c.By), strings.Join(Policies(), ", "))
	case !(c.Shares[Train] > 0 && c.Shares[Test] > 0 && c.Shares[Validation] >= 0) || c.Shares[Train]+c.Shares[Validation]+c.Shares[Test] > 1e9:
		return usage.Errorf("shares are those of training, validation and test, as 70,15,15: none is negative, and only validation can be 0")
	case c.Hosts != HostsInternal && c.Hosts != HostsInitiator:
		return usage.Errorf("hosts are %s or %s", HostsInternal, HostsInitiator)
	case c.Block <= 0:
		return usage.Errorf("a block has a length")
	case len(c.Unknown) > 0 && c.UnknownN != 0, c.UnknownN < 0:
		return usage.Errorf("an open world has labels, or a number of them")
	case c.Validated && c.Shares[Validation] == 0 && len(c.Boundaries) != 2:
		return usage.Errorf("there is no validation for unknown classes to be in")
	}
	if err := c.Scale.Validate(); err != nil {
		return usage.Errorf("%w", err)
	}
	return c.validatePolicy()
}

// validatePolicy refuses what is said of another policy.
func (c *Config) validatePolicy() error {
	byTime := c.By == ByTime
	switch {
	case c.Embargo < 0:
		return usage.Errorf("an embargo is not negative")
	case !byTime && (c.Embargo > 0 || len(c.Boundaries) > 0):
		return usage.Errorf("an embargo and boundaries are for a split by time")
	case byTime && c.Stratify:
		return usage.Errorf("a split by time is not stratified: labels come when they come")
	case c.By != ByHost && len(c.TestHosts) > 0:
		return usage.Errorf("test hosts are for a split by host")
	case len(c.Boundaries) > 2 || len(c.Boundaries) == 2 && !c.Boundaries[0].Before(c.Boundaries[1]):
		return usage.Errorf("boundaries are one instant, or two of which the first is earlier")
	}
	return nil
}

// open reports whether there are classes that training does not have.
func (c *Config) open() bool { return len(c.Unknown) > 0 || c.UnknownN > 0 }

// Options returns all settings that change a split, as its manifest has them. Lists are
// folder.JoinList's.
func (c *Config) Options() map[string]string {
	shares := make([]string, splits)
	for i, s := range c.Shares {
		shares[i] = strconv.FormatFloat(s, 'g', -1, 64)
	}
	bounds := make([]string, len(c.Boundaries))
	for i, b := range c.Boundaries {
		bounds[i] = b.UTC().Format(time.RFC3339Nano)
	}
	return map[string]string{
		"split_by": c.By, "shares": strings.Join(shares, ","), "seed": strconv.FormatUint(c.Seed, 10), "stratify": strconv.FormatBool(c.Stratify),
		"groups": folder.JoinList(c.Groups), "embargo": c.Embargo.String(), "boundaries": strings.Join(bounds, ","), "hosts": c.Hosts,
		"internal": prefixes(c.Internal), "test_hosts": prefixes(c.TestHosts), "benign": folder.JoinList(c.Benign), "block": c.Block.String(),
		"open_world": folder.JoinList(c.Unknown), "open_world_classes": strconv.Itoa(c.UnknownN), "open_world_validation": strconv.FormatBool(c.Validated),
		"scale": c.Scale.Method, "impute": c.Scale.Impute, "log1p": strconv.FormatBool(c.Scale.Log),
	}
}

func prefixes(all []netip.Prefix) string {
	texts := make([]string, len(all))
	for i, p := range all {
		texts[i] = p.String()
	}
	return strings.Join(texts, ",")
}

func within(all []netip.Prefix, host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
}
