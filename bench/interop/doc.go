// Package interop reads our files with other people's programs. Its tests need
// those programs and skip, saying so, where they are not installed:
//
//	cd bench/interop && npm install && PCAPMILL_DUCKDB=$PWD/node_modules go test .
package interop
