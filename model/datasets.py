"""The public data sets, read from a folder and split into training and validation parts."""
import collections
import csv
import dataclasses
import json
import pathlib
import random

from prompts import humanized

SLOTS = ["people", "date", "time", "first_name", "last_name"]


@dataclasses.dataclass
class Sets:
    """Per part (`train`, `validation`): labelled texts and restaurant rows."""
    banking: list
    clinc: list
    restaurants: list


def load(folder, part, held_out=(8, 8, 0.08), seed=77):
    """Of each label `held_out` rows (of the restaurants that share) are the validation part."""
    folder, keep = pathlib.Path(folder), part == "validation"

    def labelled(rows, count):
        by_label = collections.defaultdict(list)
        for text, label in rows:
            by_label[label].append((text, humanized(label)))
        out = []
        for label in sorted(by_label):
            random.Random(f"{seed}/{label}").shuffle(by_label[label])
            out += by_label[label][:count] if keep else by_label[label][count:]
        return out

    with open(folder / "banking77/train.csv", encoding="utf-8", newline="") as f:
        banking = [(r["text"], r["category"]) for r in csv.DictReader(f)]
    clinc = json.loads((folder / "clinc150/train_val.json").read_text(encoding="utf-8"))
    rows = json.loads((folder / "restaurants8k/train_0.json").read_text(encoding="utf-8"))
    restaurants = []
    for row in rows:
        text, slots = row["userInput"]["text"], dict.fromkeys(SLOTS)
        for label in row.get("labels", []):
            span = label["valueSpan"]
            slots[label["slot"]] = text[span.get("startIndex", 0):span["endIndex"]]
        restaurants.append((text, slots))
    random.Random(seed).shuffle(restaurants)
    cut = int(len(restaurants) * held_out[2])
    return Sets(labelled(banking, held_out[0]), labelled(clinc["train"] + clinc["val"], held_out[1]),
                restaurants[:cut] if keep else restaurants[cut:])
