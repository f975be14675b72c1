package main

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/datasets"
	"pcapmill/datasets/scale"
	"pcapmill/datasets/split"
	"pcapmill/outputs/text"
)

// datasetSplitCmd are the arguments of dataset split.
type datasetSplitCmd struct {
	Dataset string `arg:"" help:"Dataset that dataset build wrote."`
	Out     string `short:"o" required:"" placeholder:"DIR" help:"Folder for the splits; it must be absent, empty or ours."`

	By       string    `enum:"${split_policies}" default:"${split_by}" help:"What decides: ${enum}. Pieces of a connection always stay together."`
	Shares   shareList `placeholder:"T,V,T" default:"${split_shares}" help:"Shares of training, validation and test; validation can be 0."`
	Stratify bool      `help:"Reach the shares for each label."`
	Group    []string  `sep:"," placeholder:"COLUMN" help:"Keep rows together that have the same value of these columns of keys, such as campaign or src_ip."`
	Seed     uint64    `default:"${split_seed}" help:"Another seed is another split."`

	Embargo    time.Duration `placeholder:"DURATION" help:"By time: leave out so much behind each boundary."`
	Boundaries []instant     `sep:"," placeholder:"TIME" help:"By time: where test begins, or validation and test, instead of shares."`
	Hosts      string        `enum:"internal,initiator" default:"${split_hosts}" help:"By host: no internal host in two splits, and rows between two left out; or rows of an initiator together: ${enum}."`
	Internal   []network     `sep:"," placeholder:"CIDR" default:"${split_internal}" help:"By host: what is internal."`
	TestHosts  []network     `sep:"," placeholder:"CIDR" help:"By host: put the rows of these into test, and no others."`
	Benign     []string      `sep:"," placeholder:"LABEL" default:"${split_benign}" help:"Labels of what is no campaign, in any case of letters: divided by blocks of time, and never unknown by number."`
	Block      time.Duration `placeholder:"DURATION" default:"${split_block}" help:"By campaign: length of these blocks."`

	OpenWorld      []string `sep:"," placeholder:"LABEL|N" help:"Keep these labels from training, or N labels that the seed chooses: they are in test alone."`
	OpenValidation bool     `help:"In validation too."`

	Scale  string `enum:"${scale_methods}" default:"none" help:"Write data scaled by what training has, too: ${enum}."`
	Impute string `enum:"${imputations}" default:"none" help:"What stands for unknown values in it: ${enum}."`
	Log1p  bool   `name:"log1p" help:"Take the logarithm of numbers first: sign(x)·log(1+|x|)."`
	Force  bool   `help:"Replace what DIR holds."`
	Quiet  bool   `short:"q" help:"Say nothing but what is wrong."`
}

// shareList are the shares of training, validation and test on the command line.
type shareList [3]float64

// UnmarshalText reads 70,15,15.
func (s *shareList) UnmarshalText(text []byte) error {
	cells := strings.Split(string(text), ",")
	if len(cells) != len(s) {
		return fmt.Errorf("%q: want three shares, as 70,15,15 or 80,0,20", text)
	}
	for i, cell := range cells {
		x, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
		if err != nil {
			return fmt.Errorf("%q: want three shares, as 70,15,15 or 80,0,20", text)
		}
		s[i] = x
	}
	return nil
}

// MarshalText is the inverse.
func (s shareList) MarshalText() ([]byte, error) {
	cells := make([]string, len(s))
	for i, x := range s {
		cells[i] = strconv.FormatFloat(x, 'g', -1, 64)
	}
	return []byte(strings.Join(cells, ",")), nil
}

// network is a CIDR or an address on the command line.
type network netip.Prefix

// UnmarshalText reads 10.0.0.0/8 or 10.0.0.1.
func (n *network) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		*n = network(netip.PrefixFrom(a, a.BitLen()))
		return nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return fmt.Errorf("%q is no network: want 10.0.0.0/8 or an address", s)
	}
	*n = network(p.Masked())
	return nil
}

// MarshalText is the inverse.
func (n network) MarshalText() ([]byte, error) { return netip.Prefix(n).MarshalText() }

func prefixes(all []network) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range all {
		out = append(out, netip.Prefix(n))
	}
	return out
}

// Run implements the command.
func (c *datasetSplitCmd) Run(ctx context.Context, s streams, args command, parsed *kong.Context) error {
	d := datasets.Split{Dataset: c.Dataset, Out: c.Out, Config: c.config(), Force: c.Force, Tool: tool(), Command: args, Again: recorded(parsed.Selected())}
	done, err := d.Run(ctx)
	switch {
	case err != nil:
		return undivided(ctx, err)
	case c.Quiet:
		return nil
	case done == nil:
		fmt.Fprintf(s.err, "%s: this split is there already: nothing to do\n", text.Escape(c.Out))
		return nil
	}
	return written(done.WriteText(s.err))
}

func (c *datasetSplitCmd) config() split.Config {
	cfg := split.Config{
		By: c.By, Shares: c.Shares, Seed: c.Seed, Stratify: c.Stratify, Groups: c.Group, Embargo: c.Embargo, Hosts: c.Hosts,
		Internal: prefixes(c.Internal), TestHosts: prefixes(c.TestHosts), Benign: c.Benign, Block: c.Block, Unknown: c.OpenWorld, Validated: c.OpenValidation,
		Scale: scale.Config{Method: c.Scale, Impute: c.Impute, Log: c.Log1p},
	}
	for _, b := range c.Boundaries {
		cfg.Boundaries = append(cfg.Boundaries, time.Unix(0, b.ns))
	}
	if len(c.OpenWorld) == 1 {
		if n, err := strconv.Atoi(c.OpenWorld[0]); err == nil {
			cfg.Unknown, cfg.UnknownN = nil, n
		}
	}
	return cfg
}
