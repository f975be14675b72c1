//go:build !nounsafe

#include "textflag.h"

// func write(p unsafe.Pointer, lines int)
TEXT ·write(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), SI
	MOVQ lines+8(FP), CX

loop:
	BYTE $0x0f; BYTE $0x0d; BYTE $0x0e // PREFETCHW (SI)
	ADDQ      $64, SI
	DECQ      CX
	JNZ       loop
	RET

// func writeBoth(p, q unsafe.Pointer)
TEXT ·writeBoth(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), SI
	MOVQ q+8(FP), DI
	BYTE $0x0f; BYTE $0x0d; BYTE $0x0e // PREFETCHW (SI)
	BYTE $0x0f; BYTE $0x0d; BYTE $0x0f // PREFETCHW (DI)
	RET
