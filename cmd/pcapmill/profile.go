package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
)

// sampledBytes is how much is allocated from one sample of a profile of memory to the next, as
// Go has it.
const sampledBytes = 512 << 10

// keepNoStacks ends what Go does for profiles of memory whether one is wanted or not: it keeps
// the stack of each allocation that it samples, for as long as the process lives. Of live mode
// that is a MiB an hour, more and more slowly.
func keepNoStacks() { runtime.MemProfileRate = 0 }

// keepStacks prepares for a profile of memory, of what is allocated from now on.
func keepStacks() { runtime.MemProfileRate = sampledBytes }

// startProfiles begins the profiles asked for; the returned function writes them.
func startProfiles(cpu, mem string) (stop func() error, err error) {
	if mem != "" {
		keepStacks()
	}
	var file *os.File
	if cpu != "" {
		if file, err = os.Create(cpu); err != nil {
			return nil, err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return func() error {
		var err error
		if file != nil {
			pprof.StopCPUProfile()
			err = file.Close()
		}
		if mem != "" {
			err = errors.Join(err, writeHeap(mem))
		}
		return err
	}, nil
}

func writeHeap(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	runtime.GC()
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}
