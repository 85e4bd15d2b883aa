#!/usr/bin/env python3
"""Counts the classes of Blocksworld puzzles up to the blocks' names by Burnside's lemma:
the mean, over all renamings, of the number of (initial, goal) pairs of states they fix; and of the
classes that are puzzles: the goal has an on-fact and does not hold at the start.
Independent of the C code, which names classes by walking the towers."""
from itertools import permutations


def states(n):
    """Sets of towers as tuples below[b], by inserting one block after the other."""
    found = {()}
    for b in range(n):
        grown = set()
        for s in found:
            grown.add(s + (-1,))                      # alone on the table
            for under in range(b):                    # onto a block, under what was there
                grown.add(tuple(b if x == under else x for x in s) + (under,))
            for over in range(b):                     # at the bottom of a tower
                if s[over] == -1:
                    grown.add(tuple(b if i == over else x for i, x in enumerate(s)) + (-1,))
        found = grown
    return found


def renamed(s, p):
    out = [0] * len(s)
    for b, under in enumerate(s):
        out[p[b]] = -1 if under < 0 else p[under]
    return tuple(out)


def is_puzzle(init, goal):
    return any(x >= 0 for x in goal) and any(x >= 0 and x != y for x, y in zip(goal, init))


print("blocks\tstates\tclasses\tpuzzles")
for n in range(1, 6):
    all_states = states(n)
    perms = list(permutations(range(n)))
    total = puzzles = 0
    for p in perms:
        fixed = [s for s in all_states if renamed(s, p) == s]
        total += len(fixed) ** 2
        puzzles += sum(is_puzzle(init, goal) for init in fixed for goal in fixed)
    assert total % len(perms) == 0 and puzzles % len(perms) == 0
    print(f"{n}\t{len(all_states)}\t{total // len(perms)}\t{puzzles // len(perms)}")
