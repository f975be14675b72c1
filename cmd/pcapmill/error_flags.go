package main

import "pcapmill/cmd/job"

// errorFlags say what is written of packets that are wrong or unknown.
type errorFlags struct {
	Errors       bool     `negatable:"" default:"${errors}" help:"Write a table of what is wrong with packets, with layers in tunnels and with messages."`
	SaveErrors   bool     `help:"Write the packets that it names to errors.pcapng in DIR."`
	Unknown      bool     `help:"Write packets whose payload no record is made of, and those that are not IP, to unknown.pcapng in DIR."`
	UnknownLimit byteSize `placeholder:"SIZE" default:"${unknown_limit}" help:"Bytes that unknown.pcapng may have. What is left out is counted."`
}

func (f *errorFlags) set(o *job.Options) {
	c := &o.Stages
	c.Errors, c.SaveErrors, c.Unknown, o.UnknownLimit = f.Errors, f.SaveErrors, f.Unknown, int64(f.UnknownLimit)
}
