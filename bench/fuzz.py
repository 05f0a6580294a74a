"""Looks for bytes that break a promise of reading: `python bench/fuzz.py [PROPERTY]... [--seconds N]`.

The promises are those of tests/support/properties.py. Guided by coverage where atheris is installed
(`pip install --group fuzz`), else by mutation alone. Bytes that break one are put beside the seeds in
tests/fixtures/fuzz_seeds, which the tests replay; what is found on the way is kept in a folder of its own.
"""

import argparse
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"
SEEDS = FIXTURES / "fuzz_seeds"
SLOW_SECONDS = 5
LONGEST = 20_000
TOKENS = (
    b"<item>", b"</item>", b"<entry ", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml encoding='utf-16'?>", b"&#",
    b"&amp;", b"&x;", b"<!ENTITY x 'y'>", b"<!DOCTYPE html>", b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b"\xef\xbb\xbf",
    b'"', b"'", b"/>", b"xmlns='http://www.w3.org/2005/Atom'", b"<guid>", b"<link>", b"http://[", b"{", b'"items":[',
    b"2022-02-29T24:00:60+99:99", b"Thu, 31 Feb 2022 25:61 XYZ", b"<script>", b"%00", b"&#xD800;", b"#!/", b"utm_x=1&",
)  # fmt: skip

sys.path[:0] = [str(ROOT / "tests" / "support")]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("property", nargs="*", help="all unless given")
    options.add_argument("--seconds", type=float, default=30, help="for each property")
    options.add_argument("--inside", metavar="FOLDER", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.inside:
        guided(chosen.property[0], chosen.inside, chosen.seconds)
        return
    from properties import PROPERTIES

    has_atheris = importlib.util.find_spec("atheris") is not None
    print("guided by coverage (atheris)" if has_atheris else "by mutation alone: atheris is not installed")
    broken = [
        name
        for name in chosen.property or PROPERTIES
        if not (explored(name, chosen.seconds) if has_atheris else mutated(name, PROPERTIES[name], chosen.seconds))
    ]
    sys.exit(f"broken: {', '.join(broken)}" if broken else 0)


def starts(name: str) -> list[bytes]:
    """What the search begins with."""
    found = [path.read_bytes() for path in sorted((SEEDS / name).glob("*"))]
    if name in ("document", "slices"):
        found += [path.read_bytes() for path in sorted((FIXTURES / "feeds").iterdir()) if "expected" not in path.name]
    return found or [b"x"]


def explored(name: str, seconds: float) -> bool:
    """In a process of its own, since libFuzzer ends the one that it runs in."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(starts(name)):
            (Path(folder) / f"start-{number}").write_bytes(seed)
        (Path(folder).with_suffix(".words")).write_text("".join(f'"{_quoted(token)}"\n' for token in TOKENS))
        command = [sys.executable, __file__, name, "--inside", folder, "--seconds", str(seconds)]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        Path(folder).with_suffix(".words").unlink()
    said = ended.stderr.splitlines()
    done = next((line for line in reversed(said) if line.startswith(("Done ", "#"))), "")
    print(f"{name}: {done}")
    if ended.returncode:
        print("\n".join(said[-40:]))
    return ended.returncode == 0


def guided(name: str, folder: str, seconds: float) -> None:
    import atheris

    with atheris.instrument_imports(include=["siegewatch.collect", "siegewatch.net.inflate", "feedparser"]):
        from properties import PROPERTIES
    (SEEDS / name).mkdir(parents=True, exist_ok=True)
    flags = (f"-max_total_time={int(seconds)}", f"-timeout={SLOW_SECONDS}", f"-max_len={LONGEST}", "-rss_limit_mb=1500",
             f"-dict={Path(folder).with_suffix('.words')}", f"-artifact_prefix={SEEDS / name}/")  # fmt: skip
    atheris.Setup([__file__, *flags, folder], PROPERTIES[name])
    atheris.Fuzz()


def mutated(name: str, holds: Callable[[bytes], None], seconds: float) -> bool:
    known, dice = starts(name), random.Random(name)
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        data, count = mutation(dice, known), count + 1
        began = time.thread_time()
        try:
            holds(data)
            fault = "slow" if time.thread_time() - began > SLOW_SECONDS else None
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            fault = type(error).__name__
        if fault:
            kept = SEEDS / name / f"{fault}-{sha256(data).hexdigest()[:12]}"
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
            print(f"{name}: {fault}, kept as {kept.name}")
            return False
    print(f"{name}: {count} runs")
    return True


def mutation(dice: random.Random, known: Sequence[bytes]) -> bytes:
    """One of `known` with a few parts lost, doubled, swapped for another's, or a token put in."""
    data = bytearray(dice.choice(known))
    for _ in range(dice.randint(1, 6)):
        at = dice.randint(0, len(data))
        to = min(len(data), at + dice.choice((0, 1, 3, 20, 300)))
        other = dice.choice(known)
        start = dice.randint(0, len(other))
        data[at:to] = dice.choice((b"", bytes(data[at:to]) * 3, other[start : start + 200], dice.choice(TOKENS),
                                   dice.randbytes(dice.randint(1, 4))))  # fmt: skip
    return bytes(data[:LONGEST])


def _quoted(token: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in token)


if __name__ == "__main__":
    main()
