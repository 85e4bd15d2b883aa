"""A server of the OpenAI protocol for tests: knows the traces of a study, and every way to fail.

usage: python3 endpoint_server.py STUDY PORTFILE KEY

The first part of a path is how it behaves. `good` streams what the study has for a prompt, with token ids
where they are asked for; `flaky` is stalled, cut, busy, broken and out of order before it is good; others
fail in one way. GET /counts tells what was asked and answered, and which keys came.
"""
import email.utils
import http.server
import json
import os
import sqlite3
import struct
import sys
import threading
import time

study, portfile, key = sys.argv[1:]
answers = {}
for text, n_prompt, starts, ids in sqlite3.connect(study + "/study.db").execute(
        "SELECT text, n_prompt, starts, ids FROM trace"):
    starts = struct.unpack(f"<{len(starts) // 4}i", starts)
    ids = struct.unpack(f"<{len(ids) // 4}i", ids)
    cut = starts[n_prompt] if n_prompt < len(starts) else len(text)
    pieces = [text[a:b].decode() for a, b in zip(starts[n_prompt:], list(starts[n_prompt + 1:]) + [len(text)])]
    answers[text[:cut].decode()] = answers[ids[:n_prompt]] = (n_prompt, pieces, ids[n_prompt:])
counts = {"asked": 0, "whole": 0, "tokens": 0, "keys": []}
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def document(self, status, body, headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def event(self, body):
        self.wfile.write(b"data: " + json.dumps(body).encode() + b"\r\n\r\n")

    def do_GET(self):
        if self.path == "/counts":
            self.document(200, counts)
        elif self.path == "/version":
            self.document(200, {"version": "0.0.1test"})
        elif self.path == "/nokey/models":
            self.document(401, {"error": {"message": "no key"}})
        elif self.path == "/waits/models":
            time.sleep(60)
        elif self.path == "/long/models":
            self.document(200, b" " * (5 << 20))
        elif self.path == "/html/models":
            self.document(404, b"<html>nothing here</html>")
        else:
            self.document(200, {"data": [{"id": "organism"}, {"id": "another"}]})

    def do_POST(self):
        mode = self.path.split("/")[1]
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            counts["asked"] += 1
            turn = counts["asked"]
            counts["keys"] = sorted(set(counts["keys"]) | {self.headers["Authorization"] or "none"})
        failing = getattr(self, "as_" + (mode if mode != "flaky" else f"flaky_{turn}"), None)
        if failing:
            failing(request)
        elif mode == "chat":
            self.chat(request)
        else:
            self.good(request)

    def begin(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def good(self, request, most=None):
        prompt = request["prompt"]
        n_prompt, pieces, ids = answers[prompt if isinstance(prompt, str) else tuple(prompt)]
        assert request["temperature"] == 0 and request["max_tokens"] >= len(pieces)
        self.begin()
        for i in range(0, len(pieces), 40)[:most]:
            choice = {"index": 0, "text": "".join(pieces[i:i + 40]), "finish_reason": None}
            if request.get("return_token_ids"):
                choice["token_ids"] = ids[i:i + 40]
            self.event({"id": "x", "model": "organism", "system_fingerprint": "test-1", "choices": [choice]})
        if most is not None:
            return
        n_max = request["max_tokens"]
        self.event({"model": "organism", "choices": [
            {"index": 0, "text": "", "finish_reason": "length" if len(pieces) == n_max else "stop"}]})
        self.event({"choices": [], "usage": {"prompt_tokens": n_prompt, "completion_tokens": len(pieces)}})
        self.wfile.write(b"data: [DONE]\n\n")
        with lock:
            counts["whole"] += 1
            counts["tokens"] += n_prompt + len(pieces)

    def chat(self, request):
        said = request["messages"][-1]["content"]
        text = next("".join(a[1]) for p, a in answers.items() if isinstance(p, str) and said in p)
        reasoning, answer = text.split("</think>")
        self.document(200, {"model": "organism", "choices": [{"finish_reason": "stop", "message": {
            "content": answer.strip(), "reasoning_content": reasoning.replace("<think>", "").strip()}}]})

    def first(self, mode):
        with lock:
            counts[mode] = counts.get(mode, 0) + 1
            return counts[mode] == 1

    def found(self, request):
        prompt = request["prompt"]
        return answers[prompt if isinstance(prompt, str) else tuple(prompt)]

    # The whole as a document, with what else it is to say.
    def whole(self, request, headers=(), **more):
        n_prompt, pieces, _ = self.found(request)
        with lock:
            counts["tokens"] += n_prompt + len(pieces)
        self.document(200, {"choices": [{"text": "".join(pieces), "finish_reason": "stop"}], **more}, headers)

    # ---- other ways to answer ----
    def as_untold(self, request):  # no word of tokens
        self.whole(request)

    def as_othermodel(self, request):
        self.whole(request, model="quite-another-7b", system_fingerprint="fp-1")

    def as_echo(self, request):  # the key wherever it is read
        said = self.headers["Authorization"]
        self.whole(request, [("Server", said)], id=said, system_fingerprint=said, model="organism")

    def as_slow(self, request):
        _, pieces, _ = self.found(request)
        self.begin()
        for piece in pieces:
            self.event({"choices": [{"text": piece}]})
            self.first("words")
            time.sleep(0.05)

    # ---- ways to fail ----
    def as_second(self, request):
        self.begin()
        for index, text in (1, "another"), (0, "one"):
            self.event({"choices": [{"index": index, "text": text, "finish_reason": None}]})

    def as_limited(self, request):  # three a second
        with lock:
            counts["limited"] = [t for t in counts.get("limited", []) if t > time.time() - 1]
            good = len(counts["limited"]) < 3
            counts["limited"] += [time.time()] * good
        if good:
            self.good(request)
        else:
            self.document(429, {"error": {"message": "too many"}}, [("Retry-After", "1")])

    def as_date(self, request):
        if not self.first("date"):
            return self.good(request)
        self.document(429, {"error": {"message": "later"}},
                      [("Retry-After", email.utils.formatdate(time.time() + 4, usegmt=True))])

    def as_quota(self, request):
        self.document(429, {"error": {"message": "quota"}}, [("Retry-After", "7200")])

    def as_cutevent(self, request):
        if not self.first("cutevent"):
            return self.good(request)
        self.begin()
        self.wfile.write(b'data: {"id": "x", "choices": [{"te')

    def as_cutdocument(self, request):
        if not self.first("cutdocument"):
            return self.good(request)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": "x", "choices": [{"te')

    def as_ids(self, request):
        self.begin()
        try:
            while True:
                self.event({"choices": [{"text": "a", "token_ids": [1] * 100000}]})
        except OSError:
            pass

    def as_older(self, request):
        self.document(400, {"object": "error", "message": "This model is too small."})

    def as_detail(self, request):
        self.document(422, {"detail": [{"loc": ["body", "x"], "msg": "extra fields not permitted"}]})

    def as_nokey(self, request):
        self.document(401, {"error": {"message": "no key"}})

    def as_masked(self, request):
        said = self.headers["Authorization"]
        self.document(400, {"error": {"message": "bad key: " + said[:-2] + "**, " + "x" * 140 + said}})

    def as_flaky_1(self, request):
        time.sleep(4)

    def as_flaky_2(self, request):
        self.good(request, most=1)

    def as_flaky_3(self, request):
        self.document(429, {"error": {"message": "busy"}}, [("Retry-After", "0")])

    def as_flaky_4(self, request):
        self.document(503, b"<html>")

    def as_flaky_5(self, request):
        self.begin()
        self.event({"error": {"message": "out of memory"}})

    def ending(self, request, finish, n):
        self.document(200, {"choices": [{"text": "hello", "finish_reason": finish}],
                            "usage": {"completion_tokens": n}})

    def as_filter(self, request):
        self.ending(request, "content_filter", 1)

    def as_filter_once(self, request):
        with lock:
            counts["filtered"] = counts.get("filtered", 0) + 1
            first = counts["filtered"] == 1
        self.ending(request, "content_filter", 1) if first else self.good(request)

    def as_limit(self, request):
        self.ending(request, "length", 3)

    def as_much(self, request):
        self.ending(request, "stop", request["max_tokens"] + 1)

    def as_debt(self, request):
        self.ending(request, "stop", -5)

    def as_stall(self, request):
        self.begin()
        for _ in range(200):
            self.wfile.write(b": still here\n\n")
            time.sleep(0.02)

    def as_json(self, request):
        self.document(200, {"hello": 1})

    def as_half(self, request):
        self.document(200, b'{"choices": [{"text": ')

    def as_html(self, request):
        self.document(200, b"<html>hello</html>")

    def as_types(self, request):
        self.document(200, {"choices": {"text": 1}, "usage": [1]})

    def as_endless(self, request):
        self.begin()
        try:
            while True:
                self.event({"choices": [{"text": "word " * 200}]})
        except OSError:
            pass

    def as_endless_line(self, request):
        self.begin()
        try:
            while True:
                self.wfile.write(b"data: " + b"x" * 65536)
        except OSError:
            pass

    def as_redirect(self, request):
        self.document(302, b"", [("Location", "http://127.0.0.1:1/stolen")])

    def as_key(self, request):
        self.document(401, {"error": {"message": "wrong key " + (self.headers["Authorization"] or "")}})

    def as_adds(self, request):
        self.document(200, {"choices": [{"text": "a", "finish_reason": "stop"}],
                            "usage": {"prompt_tokens": 7, "completion_tokens": 1}})


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(portfile + ".part", "w") as out:
    out.write(str(server.server_port))
os.rename(portfile + ".part", portfile)
server.serve_forever()
