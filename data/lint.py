"""Checks on the words that the bot learns from; `python -m data.lint` prints them and fails on a fault."""

import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
EVAL = HERE.parent.parent / "shared" / "eval"
"""Real turns to measure on, beside the project where its developers have them; none may be learnt from."""

DECIDED = frozenset({"add_photos", "faq_pick", "hand_off", "nlu_fallback", "open_ticket"})
"""Intents that a press or the decision sets; no words are read as them."""
LABELS: frozenset[str] = frozenset(YAML(typ="safe").load(HERE / "labels.yml")) - DECIDED
"""The intents that words are read as; each has a name for people, and examples."""
FEWEST = 40
"""An intent with fewer utterances than this is not learnt well enough to be offered."""
NEAR = 0.8
"""Two utterances whose letter triples overlap more than this (Jaccard) say the same thing twice."""
MOST_NEAR = 0.08
SHORTEST_BORROWED = 5
"""Shorter turns (好的, 谢谢) are everybody's."""
SHORTEST_LEANING = 8
LEANING = 0.6
"""A text of eight letters or more that shares this much of its letter pairs with a turn rewords that turn."""
MASK = re.compile(r"\[[^\[\]]{1,5}x\]")


@dataclass(frozen=True)
class Utterance:
    text: str
    intent: str
    file: str


def read_utterances(folder: Path = HERE / "nlu") -> list[Utterance]:
    """Every example of the Rasa NLU files in `folder`, in file order."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        for block in YAML(typ="safe").load(path)["nlu"]:
            examples = block["examples"].splitlines()
            found += [Utterance(e.removeprefix("- ").strip(), block["intent"], path.name) for e in examples]
    return found


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def strip_marks(text: str) -> str:
    """`text` as it sounds: half width, lower case, no punctuation or spaces; a text of marks only stays."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]", "", folded) or folded.strip()


def cut_letters(text: str, size: int) -> frozenset[str]:
    """The runs of `size` letters in `text` without its marks; a shorter text is its own run."""
    bare = strip_marks(text)
    return frozenset(bare[i : i + size] for i in range(max(1, len(bare) - size + 1)))


def find_twice_labelled(utterances: Iterable[Utterance]) -> dict[str, list[str]]:
    """Texts that stand under more than one intent, with those intents."""
    intents: defaultdict[str, set[str]] = defaultdict(set)
    for said in utterances:
        intents[strip_marks(said.text)].add(said.intent)
    return {text: sorted(names) for text, names in intents.items() if len(names) > 1}


def find_repeated(utterances: Iterable[Utterance]) -> list[str]:
    """Texts that stand more than once under the same intent."""
    times = Counter((strip_marks(said.text), said.intent) for said in utterances)
    return [text for (text, _), count in times.items() if count > 1]


def read_measured(folder: Path = EVAL) -> frozenset[str]:
    """The measured turns without their marks; empty where the folder is missing."""
    turns = (row["text"] for path in sorted(folder.glob("*.jsonl")) for row in read_rows(path))
    return frozenset(strip_marks(MASK.sub("", turn)) for turn in turns)


def find_borrowed(texts: Iterable[str], measured: frozenset[str]) -> list[str]:
    """Texts of five letters or more, masks aside, that equal a measured turn or keep most of a longer one."""
    holders: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for turn in measured:
        pairs = cut_letters(turn, 2)
        for pair in pairs:
            holders[pair].append(pairs)

    def is_borrowed(text: str) -> bool:
        bare = strip_marks(MASK.sub("", text))
        if len(bare) < SHORTEST_LEANING:
            return len(bare) >= SHORTEST_BORROWED and bare in measured
        pairs = cut_letters(bare, 2)
        shared = Counter(other for pair in pairs for other in holders[pair])
        return any(count >= LEANING * len(pairs | other) for other, count in shared.items())

    return [text for text in texts if is_borrowed(text)]


def pair_near(texts: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Positions of texts that nearly repeat an earlier one, and the earlier one's."""
    cuts = [cut_letters(text, 3) for text in texts]
    often = Counter(triple for cut in cuts for triple in cut)
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for here, cut in enumerate(cuts):
        # Two sets this alike share one of their rarest fifth: the others need no look.
        rare = sorted(cut, key=lambda triple: (often[triple], triple))[: len(cut) - ceil(NEAR * len(cut)) + 1]
        earlier = sorted({there for triple in rare for there in seen[triple]})
        twin = next((t for t in earlier if len(cut & cuts[t]) > NEAR * len(cut | cuts[t])), None)
        if twin is not None:
            yield here, twin
        for triple in rare:
            seen[triple].append(here)


def measure_near(utterances: list[Utterance]) -> float:
    """Share of utterances that nearly repeat an earlier one, 0 to 1."""
    return sum(1 for _ in pair_near(said.text for said in utterances)) / max(1, len(utterances))


def find_unsound_rows(folder: Path = HERE) -> list[str]:
    """Context turns and anger lines with an unknown label or said twice with different ones, a sentence each."""
    turns = read_rows(folder / "context" / "turns.jsonl")
    anger = read_rows(folder / "lexicon" / "anger.jsonl")
    faults = [f"“{row['text']}” is labelled {row['intent']}" for row in turns if row["intent"] not in LABELS]
    faults += [f"“{row['text']}” has anger {row['anger']}" for row in anger if row["anger"] not in {0, 1, 2}]
    meanings: defaultdict[tuple[str, ...], set[object]] = defaultdict(set)
    for row in turns:
        meanings["turn", row["prev_agent"], row["text"]].add(row["intent"])
    for row in anger:
        meanings["anger", row["text"]].add(row["anger"])
    faults += [f"{' / '.join(key)} has two labels" for key, labels in meanings.items() if len(labels) > 1]
    return faults


def find_faults(
    utterances: list[Utterance], others: Mapping[str, list[str]], measured: frozenset[str]
) -> list[str]:
    """What is wrong with the data, a sentence each; `others` are the texts of the remaining files by name."""
    counts = Counter(said.intent for said in utterances)
    faults = [
        f"{name} has {counts[name]} utterances, fewer than {FEWEST}"
        for name in sorted(LABELS)
        if counts[name] < FEWEST
    ]
    faults += [f"{name} has no name in labels.yml" for name in sorted(counts.keys() - LABELS)]
    faults += [
        f"“{text}” stands under {', '.join(names)}" for text, names in find_twice_labelled(utterances).items()
    ]
    faults += [f"“{text}” stands twice" for text in find_repeated(utterances)]
    near = measure_near(utterances)
    if near > MOST_NEAR:
        faults.append(f"{near:.1%} of the utterances nearly repeat another, more than {MOST_NEAR:.0%}")
    for file, texts in {"nlu": [said.text for said in utterances], **others}.items():
        faults += [
            f"“{text}” in {file} is a turn that we measure on" for text in find_borrowed(texts, measured)
        ]
    return faults


def read_others() -> dict[str, list[str]]:
    """The sentences of the context turns and the anger lexicon, by file name."""
    turns = read_rows(HERE / "context" / "turns.jsonl")
    anger = read_rows(HERE / "lexicon" / "anger.jsonl")
    return {
        "turns.jsonl": [row["text"] for row in turns] + [row["prev_agent"] for row in turns],
        "anger.jsonl": [row["text"] for row in anger],
    }


def main() -> int:
    """Prints counts and faults; 1 when there is a fault."""
    utterances = read_utterances()
    others = read_others()
    faults = find_faults(utterances, others, read_measured()) + find_unsound_rows()
    counts = Counter(said.intent for said in utterances)
    lengths = sorted(len(said.text) for said in utterances)
    lines = [f"{count:5d}  {name}" for name, count in counts.most_common()]
    lines.append(
        f"{len(utterances):5d}  utterances of {len(counts)} intents, median {lengths[len(lengths) // 2]} letters"
    )
    lines += [f"{len(texts):5d}  sentences in {file}" for file, texts in others.items()]
    lines.append(f"{measure_near(utterances):5.1%}  nearly repeat another")
    lines += [f"fault: {fault}" for fault in faults]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
