"""complete.py SHELL COMPLETIONS: types at an interactive shell, with the key Tab, and prints what it then runs.

A line of standard input is typed for each line that is printed: <Tab> stands for the key."""
import os
import pty
import re
import select
import sys
import time

shell, completions = sys.argv[1:]
start = {
    "bash": [["bash", "--norc", "--noprofile", "-i"], f". '{completions}/fluidrep'"],
    "zsh": [["zsh", "-f", "-i"], f"fpath=('{completions}' $fpath); autoload -Uz compinit; compinit -u -D"],
}[shell]
process, terminal = pty.fork()
if process == 0:
    os.environ.update(TERM="dumb", PS1="", HISTFILE="/dev/null")
    os.execvp(start[0][0], start[0])


def until(pattern, seconds=20):
    """What the shell says up to a match."""
    said, end = b"", time.monotonic() + seconds
    while not (found := re.search(pattern, said)):
        if time.monotonic() > end or not select.select([terminal], [], [], 1)[0] and time.monotonic() > end:
            sys.exit(f"{shell}: waited for {pattern!r}; said {said[-400:]!r}")
        if select.select([terminal], [], [], 0.05)[0]:
            said += os.read(terminal, 65536)
    return found


os.write(terminal, (start[1] + "\n" + r"fluidrep() { printf '<%s>' \"$@\"; echo; }; echo rea''dy" .replace('\\"', '"') + "\n").encode())
until(rb"ready")
for line in sys.stdin.read().splitlines():
    for i, part in enumerate(line.split("<Tab>")):
        if i > 0:
            os.write(terminal, b"\t")
            time.sleep(0.3)  # the shell reads the line anew after it has completed
        os.write(terminal, part.encode())
    os.write(terminal, b"\n")
    print(until(rb"(?:^|\n|\r)((?:<[^<>\r\n]*>)+)\r?\n").group(1).decode())
os.close(terminal)
os.waitpid(process, 0)
