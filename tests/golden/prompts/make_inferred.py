#!/usr/bin/env python3
"""Prompts of the style inferred, for Blocksworld under the paper's naming 1: a second implementation of
the walk, its seed and the text, with towers instead of sets of facts.

    python3 make_inferred.py > inferred.txt

A case begins with a line "@ N | EXAMPLE | ITS GOAL | PUZZLE | ITS GOAL | PLAN": for each of N blocks the
block below it, -1 for the table; the example's plan as numbers "action block block" joined by ",", -1
for no block. The prompt follows, with a line feed at its end that the prompt does not have.
"""
import random

MASK = (1 << 64) - 1
WORDS = "attack succumb overcome feast planet province harmony pain craves".split()
PICK_UP, PUT_DOWN, STACK, UNSTACK = range(4)
ON_TABLE, CLEAR, HAND_EMPTY, HOLDING, ON = range(5)
TABLE, HAND = -1, -2


def splitmix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return x, z ^ (z >> 31)


def mix(a, b):
    x, first = splitmix(a & MASK)
    return splitmix(first ^ (b & MASK))[1]


class Rng:
    """xoshiro256**, seeded by splitmix64; see make_rng.py beside the test of the generator itself."""

    def __init__(self, seed, stream):
        x = mix(seed, stream)
        self.s = []
        for _ in range(4):
            x, z = splitmix(x)
            self.s.append(z)

    def next(self):
        def rotl(v, k):
            return ((v << k) | (v >> (64 - k))) & MASK
        s = self.s
        result = rotl(s[1] * 5 & MASK, 7) * 9 & MASK
        t = s[1] << 17 & MASK
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
            if m % (1 << 32) >= (1 << 32) % n:
                return m >> 32

    def permutation(self, n):
        order = []
        for i in range(n):
            j = self.below(i + 1)
            order.append(i)
            order[i], order[j] = order[j], i
        return order


def is_clear(below, b):
    return below[b] != HAND and b not in below


def facts_of(below):
    facts = [(HOLDING, b) if place == HAND else (ON_TABLE, b) if place == TABLE else (ON, b, place)
             for b, place in enumerate(below)]
    facts += [(CLEAR, b) for b in range(len(below)) if is_clear(below, b)]
    return facts + ([] if HAND in below else [(HAND_EMPTY,)])


def goal_of(goal):
    return [(ON, b, place) for b, place in enumerate(goal) if place >= 0]


def steps_of(below):
    """In the order of actions, then arguments."""
    blocks = range(len(below))
    if HAND in below:
        held = below.index(HAND)
        return [(PUT_DOWN, held)] + [(STACK, held, b) for b in blocks if is_clear(below, b)]
    clear = [b for b in blocks if is_clear(below, b)]
    return ([(PICK_UP, b) for b in clear if below[b] == TABLE] +
            [(UNSTACK, b, below[b]) for b in clear if below[b] != TABLE])


def after(below, step):
    place = {PICK_UP: HAND, PUT_DOWN: TABLE, STACK: step[-1], UNSTACK: HAND}[step[0]]
    return below[:step[1]] + (place,) + below[step[1] + 1:]


def seed_of(below, goal):
    h = 0
    for facts in (facts_of(below), goal_of(goal), []):
        h = mix(h, len(facts))
        for fact in sorted(facts):
            for number in fact:
                h = mix(h, number)
    return h


def transitions(start, goal):
    seed = seed_of(start, goal)
    rng, below, seen = Rng(seed, 0), start, {}
    for _ in range(1000):
        if len(seen) == 4:
            break
        ready = steps_of(below)
        step = ready[rng.below(len(ready))]
        then = after(below, step)
        seen.setdefault(step[0], (below, step, then))
        below = then
    kept = list(seen.values())
    return [kept[i] for i in Rng(seed, 1).permutation(len(kept))]


def name(b):
    return chr(ord("A") + b)


def text_of(facts):
    """By first object; of one object's the wider first, then the domain's order."""
    facts = sorted(facts, key=lambda f: (f[1] if len(f) > 1 else 1000, -len(f), f))
    return "".join(" " + " ".join([WORDS[4 + f[0]]] + [name(b) for b in f[1:]]) for f in facts)


def text_of_step(step):
    return " " + " ".join([WORDS[step[0]]] + [name(b) for b in step[1:]])


def problem_text(below, goal):
    # A goal keeps the order it is given in: that of the blocks.
    return "=" + text_of(facts_of(below)) + "\n?" + "".join(text_of([f]) for f in goal_of(goal))


def plan_of(below, goal):
    """Everything on the table, then the goal from below."""
    plan, done = [], set()
    while any(place != TABLE for place in below):
        b = next(b for b in range(len(below)) if below[b] != TABLE and is_clear(below, b))
        plan += [(UNSTACK, b, below[b]), (PUT_DOWN, b)]
        below = below[:b] + (TABLE,) + below[b + 1:]
    while len(done) < len(goal):
        for b, place in enumerate(goal):
            if b not in done and (place == TABLE or place in done):
                done.add(b)
                plan += [] if place == TABLE else [(PICK_UP, b), (STACK, b, place)]
    return plan


def random_state(n):
    below = []
    for b in range(n):
        below.append(random.choice([TABLE] + [c for c in range(b) if c not in below]))
    order = random.sample(range(n), n)
    renamed = [0] * n
    for b, place in enumerate(below):
        renamed[order[b]] = TABLE if place == TABLE else order[place]
    return tuple(renamed)


def random_puzzle(n):
    while True:
        below, goal = random_state(n), random_state(n)
        if goal_of(goal) and not set(goal_of(goal)) <= set(facts_of(below)):
            return below, goal


def main():
    random.seed(1)
    for case in range(24):
        n = 2 + case % 5
        (below, goal), puzzle = random_puzzle(n), random_puzzle(n)
        plan = plan_of(below, goal)
        rows = [" ".join(map(str, row)) for row in (below, goal, *puzzle)]
        rows.append(",".join("%d %d %d" % (s + (-1,) * (3 - len(s))) for s in plan))
        print("@ %d | %s" % (n, " | ".join(rows)))
        for before, step, then in transitions(below, goal):
            print("*%s >%s >%s" % (text_of(facts_of(before)), text_of_step(step), text_of(facts_of(then))))
        print(problem_text(below, goal))
        for i, step in enumerate(plan):
            print("%d%s" % (i + 1, text_of_step(step)))
        print(problem_text(*puzzle))


main()
