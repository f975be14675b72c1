//go:build !nounsafe

#include "textflag.h"

// func compactInts(dst, src *int64, valid *byte, n int) int
TEXT ·compactInts(SB), NOSPLIT, $0-40
	JMP ·compactDoubles(SB)

// func compactDoubles(dst *byte, src *float64, valid *byte, n int) int
TEXT ·compactDoubles(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ valid+16(FP), DX
	MOVQ n+24(FP), CX
	LEAQ ·validLanes(SB), R8
	MOVQ DI, R9

// The product has the four valid bytes as bits 24 to 27.
compact:
	MOVL    (DX), AX
	IMULL   $0x01020408, AX
	SHRL    $24, AX
	ANDL    $15, AX
	MOVL    AX, BX
	SHLL    $5, BX
	VMOVDQU (R8)(BX*1), Y1
	VPERMD  (SI), Y1, Y0
	VMOVDQU Y0, (DI)
	POPCNTL AX, AX
	LEAQ    (DI)(AX*8), DI
	ADDQ    $32, SI
	ADDQ    $4, DX
	SUBQ    $4, CX
	JNZ     compact
	SUBQ R9, DI
	SHRQ $3, DI
	MOVQ DI, ret+32(FP)
	VZEROUPPER
	RET

// func moveDoubles(dst *byte, src *float64, n int)
TEXT ·moveDoubles(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX

move:
	VMOVDQU (SI), Y0
	VMOVDQU Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $4, CX
	JNZ     move
	VZEROUPPER
	RET

// func extentDoubles(p *byte, n int) (lo, hi float64, bad uint64)
TEXT ·extentDoubles(SB), NOSPLIT, $0-40
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ $0x7ff0000000000000, AX
	VMOVQ AX, X7
	VPBROADCASTQ X7, Y7
	VPXOR X6, X6, X6
	VMOVUPD (SI), Y4
	VMOVAPD Y4, Y5

scan:
	VMOVUPD  (SI), Y0
	VMINPD   Y0, Y4, Y4
	VMAXPD   Y0, Y5, Y5
	VPAND    Y0, Y7, Y1
	VPCMPEQQ Y1, Y7, Y1
	VPOR     Y1, Y6, Y6
	ADDQ     $32, SI
	SUBQ     $4, CX
	JNZ      scan
	VEXTRACTF128 $1, Y4, X0
	VMINPD       X0, X4, X4
	VUNPCKHPD    X4, X4, X0
	VMINSD       X0, X4, X4
	VEXTRACTF128 $1, Y5, X0
	VMAXPD       X0, X5, X5
	VUNPCKHPD    X5, X5, X0
	VMAXSD       X0, X5, X5
	VEXTRACTI128 $1, Y6, X0
	VPOR         X0, X6, X6
	VPSHUFD      $0x4e, X6, X0
	VPOR         X0, X6, X6
	VMOVSD X4, lo+16(FP)
	VMOVSD X5, hi+24(FP)
	VMOVQ  X6, bad+32(FP)
	VZEROUPPER
	RET
