//go:build !nounsafe

#include "textflag.h"

// Folds Y2 into the least delta (Y4), Y1 into the bounds (Y5, Y6), four values
// a register, and stores Y2.
#define FOLD                    \
	VMOVDQU   Y2, (DI)          \
	VPCMPGTQ  Y2, Y4, Y7        \
	VBLENDVPD Y7, Y2, Y4, Y4    \
	VPCMPGTQ  Y1, Y5, Y8        \
	VBLENDVPD Y8, Y1, Y5, Y5    \
	VPCMPGTQ  Y6, Y1, Y9        \
	VBLENDVPD Y9, Y1, Y6, Y6    \
	ADDQ      $32, DI

// LOWER and HIGHER leave the least and the greatest of a register's four values
// in its lowest.
#define LOWER(Y, X)             \
	VEXTRACTI128 $1, Y, X10     \
	VPCMPGTQ     X10, X, X11    \
	VBLENDVPD    X11, X10, X, X \
	VPSHUFD      $0x4e, X, X10  \
	VPCMPGTQ     X10, X, X11    \
	VBLENDVPD    X11, X10, X, X

#define HIGHER(Y, X)            \
	VEXTRACTI128 $1, Y, X10     \
	VPCMPGTQ     X, X10, X11    \
	VBLENDVPD    X11, X10, X, X \
	VPSHUFD      $0x4e, X, X10  \
	VPCMPGTQ     X, X10, X11    \
	VBLENDVPD    X11, X10, X, X

#define ENDS                    \
	LOWER(Y4, X4)               \
	LOWER(Y5, X5)               \
	HIGHER(Y6, X6)              \
	VMOVQ X4, least+16(FP)      \
	VMOVQ X5, lo+24(FP)         \
	VMOVQ X6, hi+32(FP)         \
	VZEROUPPER

// func deltas64(deltas *[128]int64, b *[129]int64) (least, lo, hi int64)
TEXT ·deltas64(SB), NOSPLIT, $0-40
	MOVQ deltas+0(FP), DI
	MOVQ b+8(FP), SI
	VPBROADCASTQ (SI), Y5
	VMOVDQA Y5, Y6
	MOVQ 8(SI), AX
	SUBQ (SI), AX
	VMOVQ AX, X4
	VPBROADCASTQ X4, Y4
	MOVQ $32, CX

loop64:
	VMOVDQU 8(SI), Y1
	VPSUBQ  (SI), Y1, Y2
	FOLD
	ADDQ $32, SI
	DECQ CX
	JNZ  loop64
	ENDS
	RET

// func deltas32(deltas *[128]int64, b *[129]int32) (least, lo, hi int64)
TEXT ·deltas32(SB), NOSPLIT, $0-40
	MOVQ deltas+0(FP), DI
	MOVQ b+8(FP), SI
	MOVLQSX (SI), AX
	VMOVQ AX, X5
	VPBROADCASTQ X5, Y5
	VMOVDQA Y5, Y6
	MOVLQSX 4(SI), BX
	SUBQ AX, BX
	VMOVQ BX, X4
	VPBROADCASTQ X4, Y4
	MOVQ $32, CX

loop32:
	VPMOVSXDQ 4(SI), Y1
	VPMOVSXDQ (SI), Y0
	VPSUBQ Y0, Y1, Y2
	FOLD
	ADDQ $16, SI
	DECQ CX
	JNZ  loop32
	ENDS
	RET

// func above64(deltas *[128]int64, least int64) (used [4]uint64)
TEXT ·above64(SB), NOSPLIT, $0-48
	MOVQ deltas+0(FP), DI
	VPBROADCASTQ least+8(FP), Y0
	LEAQ used+16(FP), DX
	MOVQ $4, CX

mini:
	VMOVDQU (DI), Y1
	VMOVDQU 32(DI), Y2
	VMOVDQU 64(DI), Y3
	VMOVDQU 96(DI), Y4
	VPSUBQ  Y0, Y1, Y1
	VPSUBQ  Y0, Y2, Y2
	VPSUBQ  Y0, Y3, Y3
	VPSUBQ  Y0, Y4, Y4
	VMOVDQU Y1, (DI)
	VMOVDQU Y2, 32(DI)
	VMOVDQU Y3, 64(DI)
	VMOVDQU Y4, 96(DI)
	VPOR    Y1, Y2, Y1
	VPOR    Y3, Y4, Y3
	VPOR    Y1, Y3, Y9
	VMOVDQU 128(DI), Y1
	VMOVDQU 160(DI), Y2
	VMOVDQU 192(DI), Y3
	VMOVDQU 224(DI), Y4
	VPSUBQ  Y0, Y1, Y1
	VPSUBQ  Y0, Y2, Y2
	VPSUBQ  Y0, Y3, Y3
	VPSUBQ  Y0, Y4, Y4
	VMOVDQU Y1, 128(DI)
	VMOVDQU Y2, 160(DI)
	VMOVDQU Y3, 192(DI)
	VMOVDQU Y4, 224(DI)
	VPOR    Y1, Y2, Y1
	VPOR    Y3, Y4, Y3
	VPOR    Y1, Y3, Y1
	VPOR    Y1, Y9, Y1
	VEXTRACTI128 $1, Y1, X2
	VPOR    X2, X1, X1
	VPSHUFD $0x4e, X1, X2
	VPOR    X2, X1, X1
	VMOVQ   X1, (DX)
	ADDQ    $256, DI
	ADDQ    $8, DX
	DECQ    CX
	JNZ     mini
	VZEROUPPER
	RET

// SAME ors the differences of 128 bytes at SI from the value in Y0, and leaves
// where there are some.
#define SAME              \
	VPXOR (SI), Y0, Y1    \
	VPXOR 32(SI), Y0, Y2  \
	VPXOR 64(SI), Y0, Y3  \
	VPXOR 96(SI), Y0, Y4  \
	VPOR  Y1, Y2, Y1      \
	VPOR  Y3, Y4, Y3      \
	VPOR  Y1, Y3, Y1      \
	VPTEST Y1, Y1         \
	JNZ   differ          \
	ADDQ  $128, SI        \
	DECQ  CX

// func uniform64(b *[129]int64) bool
TEXT ·uniform64(SB), NOSPLIT, $0-9
	MOVQ b+0(FP), SI
	VPBROADCASTQ (SI), Y0
	ADDQ $8, SI
	MOVQ $8, CX

same:
	SAME
	JNZ  same
	MOVB $1, ret+8(FP)
	VZEROUPPER
	RET

differ:
	MOVB $0, ret+8(FP)
	VZEROUPPER
	RET

// func uniform32(b *[129]int32) bool
TEXT ·uniform32(SB), NOSPLIT, $0-9
	MOVQ b+0(FP), SI
	VPBROADCASTD (SI), Y0
	ADDQ $4, SI
	MOVQ $4, CX

same:
	SAME
	JNZ  same
	MOVB $1, ret+8(FP)
	VZEROUPPER
	RET

differ:
	MOVB $0, ret+8(FP)
	VZEROUPPER
	RET
