"""Words of naming 1 in the recorded mystery traces, counted by `re` on Unicode text:
python3 make_trace_forms.py PLANBENCH-DIRECTORY > trace_forms.tsv

An independent count for `fluidrep rename` (tests/cli/t0126): which forms are inflections was
decided by reading the list of all words that share a stem with one of the nine, which is written
below as comments: "yes" are counted, "no" are other words. Fields: prompt, reasoning, answer and the
two plans. Columns: concept, form, count; the last row counts words of naming 18 that stand there.
"""
import collections
import json
import os
import re
import sys

forms = {
    "pick-up": "attack attacks attacked attacking",
    "put-down": "succumb succumbs succumbed succumbing",
    "stack": "overcome overcomes overcame overcoming",
    "unstack": "feast feasts feasted feasting",
    "ontable": "planet planets",
    "clear": "province provinces",
    "handempty": "harmony harmonies",
    "holding": "pain pains",
    "on": "craves crave craved craving cravings",
}
target = """release releases released releasing grasp grasps grasped grasping separate separates
separated separating combine combines combined combining floating float floats floated occupied
occupy occupies occupying crowded crowd crowds crowding avoids avoid avoided avoiding repels repel
repelled repelling""".split()
stems = ["attack", "succumb", "overc", "feas", "planet", "provinc", "harmon", "pain", "crav"]

counts, related, standing = collections.Counter(), collections.Counter(), 0
for line in open(os.path.join(sys.argv[1], "traces-deepseek-r1-mystery-3blocks.jsonl")):
    trace = json.loads(line)
    for field in ("prompt", "reasoning", "answer", "extracted_plan", "ground_truth_plan"):
        for word in re.findall(r"\w+", trace[field] or ""):
            word = word.lower()
            counts[word] += 1
            if any(stem in word for stem in stems):
                related[word] += 1
            standing += word in target
inflections = {form for value in forms.values() for form in value.split()}
print("# made by make_trace_forms.py; words that share a stem:")
for word, n in sorted(related.items()):
    print(f"# {word} {n} {'yes' if word in inflections else 'no'}")
for concept, value in forms.items():
    for form in value.split():
        if counts[form]:
            print(concept, form, counts[form], sep="\t")
print("standing", 18, standing, sep="\t")
