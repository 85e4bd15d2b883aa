#!/usr/bin/env python3
"""A study of schema version 2 as SQL, for the test of the migration: taken from one that a program of
that version ran to its end (configs/demo.yaml). Kept are the edits, the conditions, what they refer
to, one trace with its runs, and the stages; result tables are made anew by any version.
Usage: make_study_v2.py OLD-STUDY/study.db > study-v2.sql"""
import re
import sqlite3
import sys

old = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
db = sqlite3.connect(":memory:")
old.backup(db)
assert db.execute("PRAGMA user_version").fetchone() == (2,)
keep = "(SELECT puzzle FROM run WHERE naming = '1' ORDER BY puzzle LIMIT 1)"
db.executescript(f"""
DELETE FROM trace WHERE NOT (naming = '1' AND puzzle = {keep});
DELETE FROM run WHERE NOT (naming = '1' AND puzzle = {keep});
DELETE FROM puzzle WHERE id NOT IN (SELECT puzzle FROM trace);
DELETE FROM naming_word WHERE naming <> '1';
DELETE FROM sums;
DELETE FROM naming WHERE id <> '1';
UPDATE meta SET value = 'a machine' WHERE key = 'machine';
UPDATE stage SET machine = 'a machine', keys = '';
DELETE FROM meta WHERE key IN ('configuration', 'conditions');
""")
for (name,) in db.execute("SELECT name FROM result_table").fetchall():
    db.execute(f"DROP TABLE {name}")
db.execute("DELETE FROM result_table")
print("-- Made by make_study_v2.py.")
for pragma in "application_id", "user_version":
    print(f"PRAGMA {pragma} = {db.execute(f'PRAGMA {pragma}').fetchone()[0]};")
print("\n".join(db.iterdump()))
