"""The forms of the namings' words by a dictionary: python3 make_inflections.py > inflections.tsv

An independent implementation of src/naming/inflection.c: LemmInflect 0.2.3 (from Python's package
registry), which looks words up where ours applies rules. Only words that it knows are written; its
guesses at others are rules too. Columns: word, then for base, s, past, participle, ing the forms
it allows ("-": it does not say), alternatives between "|". Not asked, since it is wrong there:
undergo (shifted columns), mimic ("mimiced"), leaf ("leafs").
"""
import os
import re
import sys

import lemminflect

here = os.path.dirname(os.path.abspath(__file__))
words = []
for name in ("namings.tsv", "namings-logistics.tsv", "words.tsv"):
    path = os.path.join(here, "../../../data", name)
    if os.path.exists(path):
        for line in open(path):
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#") or cells[0] in ("id", "clean", "word"):
                continue
            words += cells[:1] if name == "words.tsv" else cells[1:]
# Words of the tables of exceptions, and ordinary ones for the rules.
words += """arrange avenge bathe began begun begins behold bent breathing broken built chosen choosing
clinging create creating deferred deleting drawn driven dyes enrolling equipping excited exploring
feeding fighting flown focusing forbidden forgetting frozen gathered guided guides hangs held
ignoring inviting knives loathing murmured needed outwitting overtaking panics permit
planned prepare preparing quitting quizzes referred rising rolling rowing seething shaken shining
shutting singing smashed sought spinning spreading striving swept swollen swung tasting taught
teaching thief torn tries tying understood uniting unwound upset vanished visited
wandering wasting weeping winning withdrawn withdraws withholding wolves worships woven written
shelter anchor borrow carry bury copy deny envy hurry marry pity rely study unify vary play obey
destroy enjoy survey echo veto tax box mix fix buzz waltz fizz hiss press
guess kiss toss miss bless confess process teach reach punch march watch stretch finish polish push
rush publish crush agree free see foresee decree flee dye eye canoe hoe die lie tie untie vie
rescue value argue construe issue pursue plan trim grab drop ship skip slip snap trap wrap rub scrub
hug drag flag beg jog plug shrug swap occur refer infer prefer confer submit admit commit permit
omit transmit rebel compel propel expel repel patrol control""".split()

cells = {"base": "VB", "s": "VBZ", "past": "VBD", "participle": "VBN", "ing": "VBG"}
print("# " + "\t".join(["word", *cells]) + "; made by make_inflections.py")
seen = set()
for word in words:
    if word in seen or word == "mimic" or not re.fullmatch("[a-z]+", word):
        continue
    seen.add(word)
    row = {}
    verbs = lemminflect.getAllLemmas(word, upos="VERB").get("VERB", ())
    nouns = lemminflect.getAllLemmas(word, upos="NOUN").get("NOUN", ())
    for verb in verbs:
        forms = lemminflect.getAllInflections(verb, upos="VERB")
        for key, tag in cells.items():
            row.setdefault(key, []).extend(forms.get(tag, ()))
    if not verbs:
        for noun in nouns:
            forms = lemminflect.getAllInflections(noun, upos="NOUN")
            row.setdefault("base", []).extend(forms.get("NN", ()))
            # "cobalt" has no plural there
            row.setdefault("s", []).extend(sorted(set(forms.get("NNS", ())) - {noun}))
    if any(row.values()):
        print(word, *("|".join(dict.fromkeys(row.get(k, ()))) or "-" for k in cells), sep="\t")
    else:
        print(f"not in the dictionary: {word}", file=sys.stderr)
