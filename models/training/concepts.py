"""The concepts of a scene: groups of which one or several members hold, read from the ground truth."""

import json

import captions

ONE = ("noun", "light", "mode", "view", "weather", "state", "color", "synonym", "adj", "setting", "of")
SEVERAL = ("materials", "parts")


def fields(truth):
    """What holds in each group."""
    t = captions.visible(truth)
    out = {k: t.get(k) or "" for k in ("noun", "light", "mode", "view", "weather", "state", "color", "synonym", "setting", "of")}
    out["adj"] = t["adj"][0] if t["adj"] else ""
    out["of"] = "" if t["noun"] == "shapes" else out["of"]
    out["synonym"] = out["synonym"] if out["synonym"] in captions.NOUNS[t["noun"]] else ""
    return out, list(t["materials"]), list(t["parts"])


class Concepts:
    def __init__(self, members):
        self.members = members
        self.groups = [(k, len(members[k]), k in SEVERAL) for k in ONE + SEVERAL]
        self.size = sum(n for _, n, _ in self.groups)
        self.start, at = {}, 0
        for k, n, _ in self.groups:
            self.start[k] = at
            at += n

    @classmethod
    def collect(cls, truths):
        seen = {k: {} for k in ONE + SEVERAL}
        for t in truths:
            one, materials, parts = fields(t)
            for k, v in list(one.items()) + [("materials", m) for m in materials] + [("parts", p) for p in parts]:
                seen[k][v] = seen[k].get(v, 0) + 1
        return cls({k: sorted(v for v, n in seen[k].items() if n >= 2 or k == "noun" or v == "") for k in seen})

    @classmethod
    def load(cls, path):
        with open(path) as f:
            return cls(json.load(f))

    def save(self, path):
        with open(path, "w") as f:
            json.dump(self.members, f, indent=0)

    def indices(self, truth):
        """Where the truth has ones."""
        one, materials, parts = fields(truth)
        out = []
        for k in ONE:
            m = self.members[k]
            out.append(self.start[k] + (m.index(one[k]) if one[k] in m else m.index("") if "" in m else 0))
        for k, values in (("materials", materials), ("parts", parts)):
            out += [self.start[k] + self.members[k].index(v) for v in values if v in self.members[k]]
        return out
