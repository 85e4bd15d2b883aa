"""grow.py STUDY OUT [TRACES TOKENS RUNS]: a study made for load, to look at with `fluidrep view OUT`.

OUT is a copy of STUDY, a small finished study with traces, whose puzzles are copied until there are TRACES traces; each
is a real one whose reasoning is repeated until it has TOKENS tokens. RUNS of them get the runs of every edit, as long.
Nothing else is consistent with that, and nothing is to be concluded from it: puzzles say "made for load"."""
import hashlib
import os
import shutil
import sqlite3
import sys

import numpy as np

study, out = sys.argv[1:3]
n_traces, n_tokens, n_runs = (list(map(int, sys.argv[3:])) + [6000, 20000, 100][len(sys.argv) - 3:])[:3]
shutil.copytree(study, out)
for name in ("study.db.sha256", "lock"):  # of another database; nobody's
    if os.path.exists(os.path.join(out, name)):
        os.remove(os.path.join(out, name))
db = sqlite3.connect(os.path.join(out, "study.db"))
db.row_factory = sqlite3.Row
db.execute("PRAGMA synchronous = OFF")


def insert(table, row):
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def longer(row):
    """The trace with its reasoning repeated from line to line."""
    ids, starts, ends = (np.frombuffer(row[c], "<i4") for c in ("ids", "starts", "ends"))
    first, end = row["n_prompt"], row["n_prompt"] + row["n_reasoning"]
    spelt = [row["text"][s:e] for s, e in zip(starts, ends)]
    lines = [i + 1 for i in range(first, end) if spelt[i].endswith(b"\n")]
    begin, stop = (lines[0], lines[-1]) if len(lines) > 1 else (first, end)
    times = max(1, -(-(n_tokens - len(ids)) // (stop - begin)) + 1)
    order = np.concatenate([np.arange(0, stop), np.tile(np.arange(begin, stop), times - 1), np.arange(stop, len(ids))])
    lengths = (ends - starts)[order]
    at = np.concatenate([[0], np.cumsum(lengths)]).astype("<i4")
    text = b"".join(spelt[i] for i in order)
    new = dict(row, ids=ids[order].astype("<i4").tobytes(), starts=at[:-1].tobytes(), ends=at[1:].tobytes(), text=text,
               n_tokens=len(order), n_reasoning=row["n_reasoning"] + (times - 1) * (stop - begin))
    facts = f"{new['n_prompt']} {new['n_reasoning']} ".encode()
    new["digest"] = hashlib.sha256(facts + new["ids"]).hexdigest()
    return new


puzzles = db.execute("SELECT * FROM puzzle ORDER BY id").fetchall()
traces = {}
for row in db.execute("SELECT * FROM trace"):
    traces.setdefault(row["puzzle"], []).append(longer(row))
runs = {}
for row in db.execute("SELECT * FROM run"):
    runs.setdefault((row["puzzle"], row["naming"]), []).append(dict(row))
puzzles = [p for p in puzzles if p["id"] in traces]
puzzles.sort(key=lambda p: -len([key for key in runs if key[0] == p["id"]]))  # those with runs come first
db.execute("DELETE FROM trace")
db.execute("DELETE FROM run")
db.execute("DELETE FROM puzzle")
made = with_runs = 0
while made < n_traces:
    for p in puzzles:
        if made >= n_traces:
            break
        puzzle = made
        insert("puzzle", dict(p, id=puzzle, position=puzzle, source="made for load"))
        for trace in traces[p["id"]]:
            insert("trace", dict(trace, puzzle=puzzle))
            made += 1
            for run in runs.get((p["id"], trace["naming"]), []) if with_runs < n_runs else []:
                ids = np.frombuffer(run["ids"], "<i4")
                ids = np.tile(ids, max(1, n_tokens // max(1, len(ids)))).astype("<i4")
                insert("run", dict(run, puzzle=puzzle, n_generated=len(ids), ids=ids.tobytes()))
                with_runs += 1
db.commit()
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print(f"{out}: {made} traces, {with_runs} runs, {os.path.getsize(os.path.join(out, 'study.db')) / 1e9:.2f} GB")
