#!/usr/bin/env python3
"""A study of schema version 1 as SQL, for the test of the migration: taken from one that the last
program of that version (revision 655460da3869) ran to its end on the organism: 3 blocks, 3 puzzles to
collect from and 2 to evaluate, namings clean, 1 and 2, one layer, conditions in_naming, cross_loo,
shuffled, identity. Kept are the traces of puzzles 0 and 3 with their steered runs, a few rows of each
result table, and everything else; paths and the machine's name are made plain. A study either
writes its traces or imports them: the rows of imported and imported_trace are made up.
Usage: make_study_v1.py OLD-STUDY/study.db > study-v1.sql"""
import re
import sqlite3
import sys

old = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
db = sqlite3.connect(":memory:")
old.backup(db)
assert db.execute("PRAGMA user_version").fetchone() == (1,)
db.executescript("""
DELETE FROM steered WHERE trace IN (SELECT id FROM trace WHERE puzzle NOT IN (0, 3));
DELETE FROM trace WHERE puzzle NOT IN (0, 3);
DELETE FROM accuracy WHERE naming <> '1';
DELETE FROM mention_count WHERE naming <> '1' OR concept <> 'stack';
DELETE FROM similarity WHERE layer <> 2 OR timestamp <> 240;
DELETE FROM pca WHERE layer <> 2;
INSERT INTO imported VALUES (0, 1, '1', '10', 1), (3, 2, '2', '13', NULL);
INSERT INTO imported_trace SELECT id, 1000 + id, id, 2 * id, 3 * id FROM trace WHERE puzzle = 0;
UPDATE meta SET value = 'a machine' WHERE key = 'machine';
""")
(text,) = db.execute("SELECT value FROM meta WHERE key = 'configuration'").fetchone()
text = re.sub(r"(?m)^(\S+: )/\S*/(models|data)/", r"\1\2/", text)
assert ": /" not in text
db.execute("UPDATE meta SET value = ? WHERE key = 'configuration'", (text,))
print("-- Made by make_study_v1.py.")
for pragma in "application_id", "user_version":
    print(f"PRAGMA {pragma} = {db.execute(f'PRAGMA {pragma}').fetchone()[0]};")
print("\n".join(db.iterdump()))
