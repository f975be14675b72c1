//go:build !nounsafe

#include "textflag.h"

// keep is 64 bytes of ones and then 64 of zeros: a window of 64 bytes that begins
// 64-n bytes into it keeps the first n bytes of what it is combined with.
DATA keep<>+0(SB)/8, $-1
DATA keep<>+8(SB)/8, $-1
DATA keep<>+16(SB)/8, $-1
DATA keep<>+24(SB)/8, $-1
DATA keep<>+32(SB)/8, $-1
DATA keep<>+40(SB)/8, $-1
DATA keep<>+48(SB)/8, $-1
DATA keep<>+56(SB)/8, $-1
GLOBL keep<>(SB), RODATA|NOPTR, $128

// func sumWide(b []byte) uint32
//
// Y0 and Y1 hold sums in lanes of 32 bits. Words are made signed by taking 2¹⁵ off,
// which is flipping their highest bit, because only signed ones can be added up in
// pairs at once; the end adds it again, 2²⁰ for the 32 words of each 64 bytes.
TEXT ·sumWide(SB), NOSPLIT, $0-28
	MOVQ     b_base+0(FP), SI
	MOVQ     b_len+8(FP), CX
	VPCMPEQD Y7, Y7, Y7
	VPSLLW   $15, Y7, Y6          // 2¹⁵ in each word
	VPSRLW   $15, Y7, Y7          // 1 in each word
	MOVQ     CX, DX
	ANDQ     $63, DX
	LEAQ     keep<>+64(SB), AX
	SUBQ     DX, AX
	VPXOR    Y0, Y0, Y0
	VPXOR    Y1, Y1, Y1
	SHRQ     $6, CX
	LEAQ     1(CX), DX
	SHLQ     $20, DX
	TESTQ    CX, CX
	JZ       rest

loop:
	VPXOR    (SI), Y6, Y2
	VPXOR    32(SI), Y6, Y3
	VPMADDWD Y7, Y2, Y2
	VPMADDWD Y7, Y3, Y3
	VPADDD   Y2, Y0, Y0
	VPADDD   Y3, Y1, Y1
	ADDQ     $64, SI
	DECQ     CX
	JNZ      loop

rest:
	// The last 0 to 63 bytes, with what lies behind them blanked out: no branch
	// that depends on their number.
	VMOVDQU  (AX), Y2
	VMOVDQU  32(AX), Y3
	VPAND    (SI), Y2, Y2
	VPAND    32(SI), Y3, Y3
	VPXOR    Y6, Y2, Y2
	VPXOR    Y6, Y3, Y3
	VPMADDWD Y7, Y2, Y2
	VPMADDWD Y7, Y3, Y3
	VPADDD   Y2, Y0, Y0
	VPADDD   Y3, Y1, Y1

	VPADDD       Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4e, X0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0xb1, X0, X1
	VPADDD       X1, X0, X0
	VMOVD        X0, AX
	VZEROUPPER
	ADDL         DX, AX
	MOVL         AX, ret+24(FP)
	RET
