#!/usr/bin/env python3
"""What `transformers` makes of chat templates, for unit/model/chat_template_test.c.

usage: make_chat_templates.py DIRECTORY >chat_templates.jsonl
DIRECTORY: models/templates of llama.cpp's pinned source (share/templates of what scripts/setup builds).
Needs: pip install transformers==4.57.1 jinja2==3.1.6

A line is a template (of DIRECTORY, or of templates/ beside this file), a conversation, and the text, or null where the
template refuses it. The templates themselves are not copied here, but for three short ones; a line has their SHA-256.
Left out: fireworks-ai-llama-3-firefunction-v2.jinja, which needs a variable of its own (functions) and is refused by
jinja2 without it, while the interpreter writes nothing in its place.
As in the engine: content that a template leaves out as a text is given in parts, a text that still lacks what was
said counts as refused, and the date is 26 July 2024.
"""
import datetime
import hashlib
import json
import pathlib
import sys

import transformers.utils.chat_template_utils as utils


class Day(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26, 12)


utils.datetime = Day

SYSTEM = "detailed thinking on"
USER = " Put \"Block A\" on <B>; it isn't {{ hard }} \u2014 then stop.\n"
CASES = [
    ("user", None, -1),
    ("system", SYSTEM, -1),
    ("thinking", None, 1),
    ("no thinking", None, 0),
]


def message(role, text, parts):
    return {"role": role, "content": [{"type": "text", "text": text}] if parts else text}


def render(source, system, thinking):
    for parts in (False, True):
        messages = ([message("system", system, parts)] if system else []) + [message("user", USER, parts)]
        names = {} if thinking < 0 else {"enable_thinking": bool(thinking), "thinking": bool(thinking)}
        try:
            texts, _ = utils.render_jinja_template(
                [messages], chat_template=source, add_generation_prompt=True, bos_token="<BOS>", eos_token="<EOS>", **names)
        except Exception:
            continue
        if USER.strip() in texts[0] and (system or "").strip() in texts[0]:
            return texts[0]
    return None


def main():
    here = pathlib.Path(__file__).parent / "templates"
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jinja")) + sorted(here.glob("*.jinja")):
        if path.name == "fireworks-ai-llama-3-firefunction-v2.jinja":
            continue
        source = path.read_text(encoding="utf-8")
        seen = set()
        for case, system, thinking in CASES:
            text = render(source, system, thinking)
            if case != "user" and text in seen:
                continue  # a template that does not know the word: said once
            seen.add(text)
            print(json.dumps({"template": path.name, "sha256": hashlib.sha256(source.encode()).hexdigest(), "case": case,
                              "system": system, "message": USER, "thinking": thinking, "text": text}, ensure_ascii=False))


main()
