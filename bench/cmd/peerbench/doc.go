// Command peerbench measures pcapmill and other flow meters on one capture.
//
//	go run ./bench/cmd/peerbench --pcapmill ./pcapmill --file mixed.pcap --rounds 5
//
// Every round runs each contender once, and each round starts with another of
// them, so that drift of the machine meets all alike. CPU is user plus system
// time of the process and its children as the kernel counts it, wall time runs
// from start to exit, memory is the peak resident set. The table gives medians
// over the rounds; a ratio is the median of the ratios within each round.
//
// All contenders read the whole capture from a warm page cache and write what
// they make of it: nfpcapd and argus to files, softflowd as NetFlow v9 datagrams
// to a socket on the loopback interface that is never read, tcpdump back to
// /dev/null as the price of reading alone.
package main
