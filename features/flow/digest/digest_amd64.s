//go:build !nounsafe

#include "textflag.h"

// func cpuid(leaf, sub uint32) (a, b, c uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-20
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	RET

// Both functions keep the state of the first message in X1, X2 and its schedule,
// four words a register, in X3 to X6; the second message is in X8, X9 and X10 to
// X13. Steps of four rounds are written for one message and used in turn.

// SWAP turns the words of both messages, as X0 says.
#define SWAP      \
	PSHUFB X0, X3  \
	PSHUFB X0, X4  \
	PSHUFB X0, X5  \
	PSHUFB X0, X6  \
	PSHUFB X0, X10 \
	PSHUFB X0, X11 \
	PSHUFB X0, X12 \
	PSHUFB X0, X13

// SHA-1 (FIPS 180-4, 6.1). ABCD has a in the highest lane, E its word there too.

DATA sha1Init<>+0(SB)/8, $0x98badcfe10325476
DATA sha1Init<>+8(SB)/8, $0x67452301efcdab89
DATA sha1Init<>+16(SB)/8, $0x0000000000000000
DATA sha1Init<>+24(SB)/8, $0xc3d2e1f000000000
DATA sha1Init<>+32(SB)/8, $0x08090a0b0c0d0e0f // reverses 16 bytes
DATA sha1Init<>+40(SB)/8, $0x0001020304050607
GLOBL sha1Init<>(SB), RODATA|NOPTR, $48

// Four rounds with function f on the words w, of which e becomes the E of the next
// step: the state before.
#define ROUNDS1(f, abcd, e, next, w) \
	SHA1NEXTE w, e;              \
	MOVO      abcd, next;        \
	SHA1RNDS4 $f, e, abcd

// The three parts of the schedule that follow from the words w: they finish the
// words of the next step and begin those of the two steps before w, four on.
#define FINISH1(w, after) SHA1MSG2 w, after
#define BEGIN1(w, before) SHA1MSG1 w, before
#define MIX1(w, before) PXOR w, before

// Both messages: (state, E, next E, words, words after, before, before that).
#define STEP1(f, e, n, g, m, w0, w1, w2, w3, v0, v1, v2, v3) \
	FINISH1(w0, w1);               \
	FINISH1(v0, v1);               \
	ROUNDS1(f, X1, e, n, w0);      \
	ROUNDS1(f, X8, g, m, v0);      \
	BEGIN1(w0, w3);                \
	BEGIN1(v0, v3);                \
	MIX1(w0, w2);                  \
	MIX1(v0, v2)

// func sha1Pair(sums *[2][20]byte, blocks *[2]Block)
TEXT ·sha1Pair(SB), NOSPLIT, $0-16
	MOVQ  sums+0(FP), DI
	MOVQ  blocks+8(FP), SI
	MOVOU sha1Init<>+32(SB), X0
	MOVOU 0(SI), X3
	MOVOU 16(SI), X4
	MOVOU 32(SI), X5
	MOVOU 48(SI), X6
	MOVOU 64(SI), X10
	MOVOU 80(SI), X11
	MOVOU 96(SI), X12
	MOVOU 112(SI), X13
	SWAP
	MOVOU sha1Init<>+0(SB), X1
	MOVOU sha1Init<>+16(SB), X2
	MOVO  X1, X8
	MOVO  X2, X9

	// Rounds 0 to 11: the schedule starts.
	PADDD X3, X2
	PADDD X10, X9
	MOVO  X1, X7
	MOVO  X8, X14
	SHA1RNDS4 $0, X2, X1
	SHA1RNDS4 $0, X9, X8

	ROUNDS1(0, X1, X7, X2, X4)
	ROUNDS1(0, X8, X14, X9, X11)
	BEGIN1(X4, X3)
	BEGIN1(X11, X10)

	ROUNDS1(0, X1, X2, X7, X5)
	ROUNDS1(0, X8, X9, X14, X12)
	BEGIN1(X5, X4)
	BEGIN1(X12, X11)
	MIX1(X5, X3)
	MIX1(X12, X10)

	// Rounds 12 to 67.
	STEP1(0, X7, X2, X14, X9, X6, X3, X4, X5, X13, X10, X11, X12)
	STEP1(0, X2, X7, X9, X14, X3, X4, X5, X6, X10, X11, X12, X13)
	STEP1(1, X7, X2, X14, X9, X4, X5, X6, X3, X11, X12, X13, X10)
	STEP1(1, X2, X7, X9, X14, X5, X6, X3, X4, X12, X13, X10, X11)
	STEP1(1, X7, X2, X14, X9, X6, X3, X4, X5, X13, X10, X11, X12)
	STEP1(1, X2, X7, X9, X14, X3, X4, X5, X6, X10, X11, X12, X13)
	STEP1(1, X7, X2, X14, X9, X4, X5, X6, X3, X11, X12, X13, X10)
	STEP1(2, X2, X7, X9, X14, X5, X6, X3, X4, X12, X13, X10, X11)
	STEP1(2, X7, X2, X14, X9, X6, X3, X4, X5, X13, X10, X11, X12)
	STEP1(2, X2, X7, X9, X14, X3, X4, X5, X6, X10, X11, X12, X13)
	STEP1(2, X7, X2, X14, X9, X4, X5, X6, X3, X11, X12, X13, X10)
	STEP1(2, X2, X7, X9, X14, X5, X6, X3, X4, X12, X13, X10, X11)
	STEP1(3, X7, X2, X14, X9, X6, X3, X4, X5, X13, X10, X11, X12)
	STEP1(3, X2, X7, X9, X14, X3, X4, X5, X6, X10, X11, X12, X13)

	// Rounds 68 to 79: nothing is scheduled any more.
	FINISH1(X4, X5)
	FINISH1(X11, X12)
	ROUNDS1(3, X1, X7, X2, X4)
	ROUNDS1(3, X8, X14, X9, X11)
	MIX1(X4, X6)
	MIX1(X11, X13)

	FINISH1(X5, X6)
	FINISH1(X12, X13)
	ROUNDS1(3, X1, X2, X7, X5)
	ROUNDS1(3, X8, X9, X14, X12)

	ROUNDS1(3, X1, X7, X2, X6)
	ROUNDS1(3, X8, X14, X9, X13)

	// Add the initial state, write big-endian.
	MOVOU  sha1Init<>+0(SB), X3
	MOVOU  sha1Init<>+16(SB), X4
	SHA1NEXTE X4, X2
	SHA1NEXTE X4, X9
	PADDD  X3, X1
	PADDD  X3, X8
	PSHUFB X0, X1
	PSHUFB X0, X2
	PSHUFB X0, X8
	PSHUFB X0, X9
	MOVOU  X1, 0(DI)
	MOVSS  X2, 16(DI)
	MOVOU  X8, 20(DI)
	MOVSS  X9, 36(DI)
	RET

// SHA-256 (FIPS 180-4, 6.2). The state is in two registers, from the highest lane
// down a, b, e, f and c, d, g, h.

DATA sha256Init<>+0(SB)/8, $0x510e527f9b05688c
DATA sha256Init<>+8(SB)/8, $0x6a09e667bb67ae85
DATA sha256Init<>+16(SB)/8, $0x1f83d9ab5be0cd19
DATA sha256Init<>+24(SB)/8, $0x3c6ef372a54ff53a
DATA sha256Init<>+32(SB)/8, $0x0405060700010203 // reverses four bytes each
DATA sha256Init<>+40(SB)/8, $0x0c0d0e0f08090a0b
GLOBL sha256Init<>(SB), RODATA|NOPTR, $48

// The round constants.
DATA sha256K<>+0(SB)/8, $0x71374491428a2f98
DATA sha256K<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA sha256K<>+16(SB)/8, $0x59f111f13956c25b
DATA sha256K<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA sha256K<>+32(SB)/8, $0x12835b01d807aa98
DATA sha256K<>+40(SB)/8, $0x550c7dc3243185be
DATA sha256K<>+48(SB)/8, $0x80deb1fe72be5d74
DATA sha256K<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA sha256K<>+64(SB)/8, $0xefbe4786e49b69c1
DATA sha256K<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA sha256K<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA sha256K<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA sha256K<>+96(SB)/8, $0xa831c66d983e5152
DATA sha256K<>+104(SB)/8, $0xbf597fc7b00327c8
DATA sha256K<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA sha256K<>+120(SB)/8, $0x1429296706ca6351
DATA sha256K<>+128(SB)/8, $0x2e1b213827b70a85
DATA sha256K<>+136(SB)/8, $0x53380d134d2c6dfc
DATA sha256K<>+144(SB)/8, $0x766a0abb650a7354
DATA sha256K<>+152(SB)/8, $0x92722c8581c2c92e
DATA sha256K<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA sha256K<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA sha256K<>+176(SB)/8, $0xd6990624d192e819
DATA sha256K<>+184(SB)/8, $0x106aa070f40e3585
DATA sha256K<>+192(SB)/8, $0x1e376c0819a4c116
DATA sha256K<>+200(SB)/8, $0x34b0bcb52748774c
DATA sha256K<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA sha256K<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA sha256K<>+224(SB)/8, $0x78a5636f748f82ee
DATA sha256K<>+232(SB)/8, $0x8cc7020884c87814
DATA sha256K<>+240(SB)/8, $0xa4506ceb90befffa
DATA sha256K<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL sha256K<>(SB), RODATA|NOPTR, $256

// Four rounds on the words w plus the constants at k.
#define ROUNDS256(k, abef, cdgh, w) \
	MOVO        w, X0;                   \
	PADDD       sha256K<>+k(SB), X0;     \
	SHA256RNDS2 X0, abef, cdgh;          \
	PSHUFD      $0x0e, X0, X0;           \
	SHA256RNDS2 X0, cdgh, abef

// The parts of the schedule: the words w finish those of the next step, with tmp
// the words that lie seven before them, and begin those that come three steps later.
#define FINISH256(w, after, before, tmp) \
	MOVO       w, tmp;          \
	PALIGNR    $4, before, tmp; \
	PADDD      tmp, after;      \
	SHA256MSG2 w, after
#define BEGIN256(w, before) SHA256MSG1 w, before

// Both messages: (words, words after, before).
#define STEP256(k, w, after, before, v, vafter, vbefore) \
	FINISH256(w, after, before, X7);     \
	FINISH256(v, vafter, vbefore, X14);  \
	ROUNDS256(k, X1, X2, w);             \
	ROUNDS256(k, X8, X9, v)

// All 64 rounds of both messages: in the first twelve the schedule starts, in the
// last twelve nothing is begun any more.
#define ALL256 \
	ROUNDS256(0, X1, X2, X3);                \
	ROUNDS256(0, X8, X9, X10);               \
	ROUNDS256(16, X1, X2, X4);               \
	ROUNDS256(16, X8, X9, X11);              \
	BEGIN256(X4, X3);                        \
	BEGIN256(X11, X10);                      \
	ROUNDS256(32, X1, X2, X5);               \
	ROUNDS256(32, X8, X9, X12);              \
	BEGIN256(X5, X4);                        \
	BEGIN256(X12, X11);                      \
	STEP256(48, X6, X3, X5, X13, X10, X12);  \
	BEGIN256(X6, X5);                        \
	BEGIN256(X13, X12);                      \
	STEP256(64, X3, X4, X6, X10, X11, X13);  \
	BEGIN256(X3, X6);                        \
	BEGIN256(X10, X13);                      \
	STEP256(80, X4, X5, X3, X11, X12, X10);  \
	BEGIN256(X4, X3);                        \
	BEGIN256(X11, X10);                      \
	STEP256(96, X5, X6, X4, X12, X13, X11);  \
	BEGIN256(X5, X4);                        \
	BEGIN256(X12, X11);                      \
	STEP256(112, X6, X3, X5, X13, X10, X12); \
	BEGIN256(X6, X5);                        \
	BEGIN256(X13, X12);                      \
	STEP256(128, X3, X4, X6, X10, X11, X13); \
	BEGIN256(X3, X6);                        \
	BEGIN256(X10, X13);                      \
	STEP256(144, X4, X5, X3, X11, X12, X10); \
	BEGIN256(X4, X3);                        \
	BEGIN256(X11, X10);                      \
	STEP256(160, X5, X6, X4, X12, X13, X11); \
	BEGIN256(X5, X4);                        \
	BEGIN256(X12, X11);                      \
	STEP256(176, X6, X3, X5, X13, X10, X12); \
	BEGIN256(X6, X5);                        \
	BEGIN256(X13, X12);                      \
	STEP256(192, X3, X4, X6, X10, X11, X13); \
	BEGIN256(X3, X6);                        \
	BEGIN256(X10, X13);                      \
	STEP256(208, X4, X5, X3, X11, X12, X10); \
	STEP256(224, X5, X6, X4, X12, X13, X11); \
	ROUNDS256(240, X1, X2, X6);              \
	ROUNDS256(240, X8, X9, X13)

// func sha256Pair(heads *[2]uint64, blocks *[2]Block)
TEXT ·sha256Pair(SB), NOSPLIT, $0-16
	MOVQ  heads+0(FP), DI
	MOVQ  blocks+8(FP), SI
	MOVOU sha256Init<>+32(SB), X0
	MOVOU 0(SI), X3
	MOVOU 16(SI), X4
	MOVOU 32(SI), X5
	MOVOU 48(SI), X6
	MOVOU 64(SI), X10
	MOVOU 80(SI), X11
	MOVOU 96(SI), X12
	MOVOU 112(SI), X13
	SWAP
	MOVOU sha256Init<>+0(SB), X1
	MOVOU sha256Init<>+16(SB), X2
	MOVO  X1, X8
	MOVO  X2, X9

	ALL256

	// Add the initial a and b, which lie above e and f.
	MOVOU  sha256Init<>+0(SB), X3
	PADDD  X3, X1
	PADDD  X3, X8
	PEXTRQ $1, X1, 0(DI)
	PEXTRQ $1, X8, 8(DI)
	RET

// func sha256Next(x, y *[8]uint32, p, q *Block)
TEXT ·sha256Next(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), DI
	MOVQ y+8(FP), R8
	MOVQ p+16(FP), SI
	MOVQ q+24(FP), DX

	MOVOU sha256Init<>+32(SB), X0
	MOVOU 0(SI), X3
	MOVOU 16(SI), X4
	MOVOU 32(SI), X5
	MOVOU 48(SI), X6
	MOVOU 0(DX), X10
	MOVOU 16(DX), X11
	MOVOU 32(DX), X12
	MOVOU 48(DX), X13
	SWAP
	MOVOU 0(DI), X1
	MOVOU 16(DI), X2
	MOVOU 0(R8), X8
	MOVOU 16(R8), X9
	ALL256
	MOVOU 0(DI), X3
	MOVOU 16(DI), X4
	MOVOU 0(R8), X10
	MOVOU 16(R8), X11
	PADDD X3, X1
	PADDD X4, X2
	PADDD X10, X8
	PADDD X11, X9
	MOVOU X1, 0(DI)
	MOVOU X2, 16(DI)
	MOVOU X8, 0(R8)
	MOVOU X9, 16(R8)
	RET
