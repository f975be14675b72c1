package main

import (
	"pcapmill/cmd/job"
	"pcapmill/stages"
	"pcapmill/stages/stream"
)

// messageFlags say which messages are read out of the packets, and how.
type messageFlags struct {
	Records      []string `sep:"," words:"records" placeholder:"NAME" default:"${records}" help:"Messages to write a table of, one each: ${record_names}; or all, or none."`
	KeepSecrets  bool     `help:"Keep what the records leave out: credentials, cookies, queries of URLs."`
	StreamBytes  byteSize `placeholder:"SIZE" default:"${stream_bytes}" help:"Read so much of each direction of a TCP connection."`
	StreamMemory byteSize `placeholder:"SIZE" default:"0" help:"Memory for what waits for missing segments, for messages that are not whole, and for what rows of open flows will say; 0: a quarter of --memory. Where it is not enough, those of the busiest hosts are given up, and counted."`
	SaveStreams  string   `placeholder:"FOLDER" help:"Write what each TCP connection carried, --stream-bytes of each direction, to a file of its own in this new folder."`
	Overlap      string   `enum:"first,last" default:"first" help:"Which bytes count where TCP segments that wait overlap and differ: those that came first, as RFC 9293 has it, or last."`
}

// set puts the flags into the settings.
func (f *messageFlags) set(o *job.Options) {
	c := &o.Stages
	o.SaveStreams = f.SaveStreams
	c.Records, c.Secrets = f.Records, f.KeepSecrets
	c.Streams.Bytes, c.Streams.Total = int64(f.StreamBytes), streamMemory(f.StreamMemory, o.Memory)
	if c.Streams.Overlap = stream.FirstWins; f.Overlap == "last" {
		c.Streams.Overlap = stream.LastWins
	}
}

// streamMemory is what streams may take of a run's memory; 0 is any memory.
func streamMemory(asked byteSize, memory int64) int64 {
	const ofAny = 256 << 20
	switch {
	case asked > 0:
		return int64(asked)
	case memory > 0:
		return stages.StreamShare(memory)
	}
	return ofAny
}
