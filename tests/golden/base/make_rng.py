"""Numbers of the seeded generator, from the published definitions (Blackman & Vigna: splitmix64,
xoshiro256**; Lemire 2019: bounded integers; Marsaglia's polar method), in Python's integers.

    python3 make_rng.py > rng.tsv

Rows (see golden.h); 64-bit numbers are two columns, high and low half:
  next     seed seed stream stream  (high low)...
  below    seed seed stream stream  (bound value)...
  uniform  seed seed stream stream  value...
  normal   seed seed stream stream  value...
"""
import math

M = (1 << 64) - 1
BOUNDS = (1, 2, 3, 1000, (1 << 31) + 1, (1 << 32) - 1)


def splitmix(x):
    x = (x + 0x9E3779B97F4A7C15) & M
    z = x
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
    return x, z ^ (z >> 31)


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & M


class Rng:
    def __init__(self, seed, stream):
        _, a = splitmix(seed)
        _, x = splitmix(a ^ stream)
        self.s = []
        for _ in range(4):
            x, z = splitmix(x)
            self.s.append(z)

    def next(self):
        s = self.s
        result = (rotl((s[1] * 5) & M, 7) * 9) & M
        t = (s[1] << 17) & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def below(self, n):
        while True:
            m = (self.next() >> 32) * n
            if (m & 0xFFFFFFFF) >= (1 << 32) % n:
                return m >> 32

    def uniform(self):
        return (self.next() >> 11) / (1 << 53)

    def normal(self):
        while True:
            u = 2 * self.uniform() - 1
            v = 2 * self.uniform() - 1
            q = u * u + v * v
            if 0 < q < 1:
                return u * math.sqrt(-2 * math.log(q) / q)


def row(kind, seed, stream, values):
    numbers = [seed >> 32, seed & 0xFFFFFFFF, stream >> 32, stream & 0xFFFFFFFF, *values]
    print("\t".join([kind] + [repr(x) for x in numbers]))


print("# Made by make_rng.py; columns are described there.")
for seed, stream in [(0, 0), (1, 0), (0, 1), (12345, 67890), (M, M)]:
    r = Rng(seed, stream)
    row("next", seed, stream, [half for x in (r.next() for _ in range(5)) for half in (x >> 32, x & 0xFFFFFFFF)])
    r = Rng(seed, stream)
    row("below", seed, stream, [x for n in BOUNDS for x in (n, r.below(n))])
    r = Rng(seed, stream)
    row("uniform", seed, stream, [r.uniform() for _ in range(5)])
    r = Rng(seed, stream)
    row("normal", seed, stream, [r.normal() for _ in range(5)])
