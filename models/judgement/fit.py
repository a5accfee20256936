"""Fits the weights of crates/vision/src/describe/judgement.rs.

    python fit.py SEEN.npz

SEEN.npz is what witnesses.py wrote. Learns from the sets whose names do not end in `-test`, and from those of
`others-test` that seen.txt lists, as their answers were looked at when the form of the judgement was chosen. Prints the
weights, and for several thresholds what a six-fold split of those pictures gives.
"""

import json
import os
import sys

import numpy as np
from scipy.optimize import minimize

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE, MODELS = os.path.join(HERE, "../../crates/vision/src/describe"), os.path.join(HERE, "..")
# Score up to which a network says nothing, and the distance to certainty that no score comes below.
FLOOR, MARGIN = (.1, .02, .3), (.1, .1, .05)
ABSENT = -1e3
# The captioner's word for what it has no noun for.
NAMELESS = "object"
IN_ROOMS = {"bathtub": "bathroom", "bed": "bedroom", "chair": "living room", "sink": "bathroom", "sofa": "living room", "table": "kitchen", "toilet": "bathroom"}
UNNAMED_KINDS = {"container", "figure", "fixture", "object", "space", "structure", "tool"}


def lines(path):
    with open(path) as f:
        return [line.rstrip("\n") for line in f if line.strip() and not line.startswith("#")]


class Vocabulary:
    """The nouns of nouns.txt and those of the networks that it does not list."""

    def __init__(self, said=None):
        """`said` are the captioner's nouns, in the order of its scores; those of the captioner that is there if left out."""
        if said is None:
            with open(os.path.join(MODELS, "render_captioner/concepts.json")) as f:
                said = json.load(f)[0]["words"]
        classes = [line.split(",")[0].strip() for line in lines(os.path.join(MODELS, "imagenet1k_labels.txt"))]
        labels = {int(number): label for number, label in (line.split("\t") for line in lines(os.path.join(MODELS, "coco_labels.tsv")))}
        kinds = {kind: [c.strip() for c in members.split(",")] for kind, members in (line.split(":") for line in lines(os.path.join(SOURCE, "kinds.txt")))}
        never = set(kinds.pop("-"))
        kind_of = {c: kind for kind, members in kinds.items() for c in members}
        rows = [[column.strip() for column in line.split(";")] for line in lines(os.path.join(SOURCE, "nouns.txt"))]
        split = lambda words: {word.strip() for word in words.split(",") if word.strip()}
        nouns = [(name, kind, caption, {c for word in split(tags) for c in kinds.get(word, []) + [word]}, split(found)) for name, kind, caption, tags, found in rows]
        claimed = never.union(*(n[3] for n in nouns))
        labelled = set().union(*(n[4] for n in nouns))
        own = {}
        for c in classes:
            if c not in claimed:
                own.setdefault(kind_of.get(c, c).lower(), (set(), set()))[0].add(c)
        for label in labels.values():
            if label not in labelled:
                own.setdefault(label, (set(), set()))[1].add(label)
        self.listed = len(nouns)
        nouns += [(name, "", "", *found) for name, found in own.items()]
        self.names, self.kinds = [n[0] for n in nouns], [n[1] for n in nouns]
        self.nameless = said.index(NAMELESS) if NAMELESS in said else None
        self.said = [said.index(n[2]) if n[2] in said else -1 for n in nouns]
        self.tagged = [[i for i, c in enumerate(classes) if c in n[3]] for n in nouns]
        self.found = [[i for i, label in labels.items() if label in n[4]] for n in nouns]

    def features(self, seen):
        """A row for each noun, and one for none of them; the last column is added to its score as it is."""
        rows = np.zeros((len(self.names) + 1, 10))
        for i, (said, tagged, found) in enumerate(zip(self.said, self.tagged, self.found)):
            scores = (seen["nouns"][said] if said >= 0 else 0, seen["tags"][tagged].sum(), max(seen["objects"][found], default=0))
            for k, score in enumerate(scores):
                rows[i, 2 * k] = np.log(max(score, FLOOR[k]) / FLOOR[k])
                rows[i, 2 * k + 1] = -np.log(max(1 - score, MARGIN[k]))
            rows[i, 6] = said < 0
            # What is in no list is not there for the tool before a network names it.
            rows[i, 9] = ABSENT if i >= self.listed and not any(scores) else 0
        rows[-1, 7] = 1
        if self.nameless is not None:
            rows[-1, 8] = np.log(max(seen["nouns"][self.nameless], FLOOR[0]) / FLOOR[0])
        return rows

    def right(self, truth):
        """The rows that are right: nouns that the truth accepts, else none of them."""
        accepted = {word.lower() for word in truth["main"]}
        return [i for i, name in enumerate(self.names) if named(name, accepted)] or [len(self.names)]

    def decide(self, shares, needed):
        best = int(shares[:-1].argmax())
        if shares[best] >= needed:
            return self.names[best]
        by_kind = {}
        for kind, share in zip(self.kinds, shares):
            by_kind[kind] = by_kind.get(kind, 0) + share * (kind != "")
        kind = max(by_kind, key=by_kind.get)
        if by_kind[kind] >= needed and kind not in UNNAMED_KINDS:
            return kind
        for thing, room in IN_ROOMS.items():
            of_thing, of_room = (shares[self.names.index(n)] for n in (thing, room))
            if of_thing + of_room >= needed:
                return thing if of_thing > .2 else room
        return None

    def is_right(self, name, truth):
        accepted = {word.lower() for word in truth["main"]}
        kinds = {self.kinds[i] for i, n in enumerate(self.names) if named(n, accepted)}
        return named(name, accepted) or name in kinds


def named(name, accepted):
    return name in accepted or name + "s" in accepted or (name.endswith("s") and name[:-1] in accepted)


def train(rows, right, pull=.01):
    """Conditional logit: the weights under which the right rows are likeliest, drawn a little towards 0."""
    rows = np.array(rows)
    mask = np.zeros(rows.shape[:2])
    for i, of in enumerate(right):
        mask[i, of] = 1

    def loss(w):
        shares = shares_of(rows, w)
        of_right = (shares * mask).sum(1) + 1e-12
        slope = np.einsum("ij,ijk->k", (shares * mask) / of_right[:, None] - shares, rows[..., :-1])
        return -np.log(of_right).sum() + pull * len(rows) * (w @ w) / 2, -slope + pull * len(rows) * w

    return minimize(loss, np.zeros(rows.shape[2] - 1), jac=True, method="L-BFGS-B").x


def shares_of(rows, w):
    return softmax(rows[..., :-1] @ w + rows[..., -1])


def softmax(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def main(path):
    words = Vocabulary()
    looked_at = set(lines(os.path.join(HERE, "seen.txt")))
    seen = np.load(path, allow_pickle=True)["seen"].item()
    used = [(key, s) for key, s in seen.items() if not key[0].endswith("-test") or (key[0] == "others-test" and key[1] in looked_at)]
    sets = np.array([key[0].split("-")[0] for key, _ in used])
    rows, right = [words.features(s) for _, s in used], [words.right(s["truth"]) for _, s in used]
    w = train(rows, right)
    for name, value in zip(("captioner rise", "captioner sure", "tagger rise", "tagger sure", "detector rise", "detector sure", "unknown to captioner", "none", "nameless rise"), w):
        print(f"{name:22} {value:6.2f}")
    # The variations of a scene stay together.
    scenes = {key[1].rsplit("-", 1)[0]: i for i, (key, _) in enumerate(used)}
    fold = np.random.default_rng(3).integers(0, 6, len(used))
    fold = np.array([fold[scenes[key[1].rsplit("-", 1)[0]]] for key, _ in used])
    shares = np.zeros((len(used), len(words.names) + 1))
    for k in range(6):
        learn, test = np.where(fold != k)[0], np.where(fold == k)[0]
        shares[test] = shares_of(np.array([rows[i] for i in test]), train([rows[i] for i in learn], [right[i] for i in learn]))
    for group in sorted(set(sets)):
        picked = np.where(sets == group)[0]
        for needed in (.55, .6, .65, .7, .75, .8):
            names = [(words.decide(shares[i], needed), used[i][1]["truth"]) for i in picked]
            good = np.mean([n is not None and words.is_right(n, t) for n, t in names])
            bad = np.mean([n is not None and not words.is_right(n, t) for n, t in names])
            print(f"{group:9} {len(picked):4} pictures, needed {needed:.2f}: right {good:.3f}, wrong {bad:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
