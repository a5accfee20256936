"""Captions of a scene from its ground truth, and what a caption says, read back for scoring.

`caption(truth, rng)` makes one of several wordings, `read(text)` finds the main noun and the attributes that a caption names.
"""

import re

# Everyday words for each main noun. The first word of a caption that stands here is its main noun.
NOUNS = {
    "airplane": ["airplane", "plane", "aircraft", "jet"], "apple": ["apple", "apples"], "barrel": ["barrel", "barrels", "oil drum"],
    "bathroom": ["bathroom"], "beach": ["beach", "coast"], "bed": ["bed"], "bedroom": ["bedroom"], "bicycle": ["bicycle", "bike"],
    "bookshelf": ["bookshelf", "bookcase"], "bottle": ["bottle", "bottles", "wine bottle"], "bowl": ["bowl", "fruit bowl"], "bridge": ["bridge", "viaduct"],
    "building": ["building", "apartment block", "apartment building", "tenement"], "bus": ["bus"], "cactus": ["cactus"], "candle": ["candle", "candles"],
    "canyon": ["canyon", "gorge"], "car": ["car", "sports car"], "castle": ["castle", "fortress"], "cave": ["cave", "cavern"],
    "chair": ["chair", "armchair", "stool", "office chair"], "chess piece": ["chess piece", "chess pieces", "pawn"], "church": ["church", "chapel"],
    "computer": ["computer", "monitor", "laptop", "television"], "cone": ["cone"], "corridor": ["corridor", "hallway"], "crate": ["crate", "crates"], "cube": ["cube"],
    "cup": ["cup", "mug", "coffee cup"], "cylinder": ["cylinder"], "desert": ["desert", "dunes", "sand dunes"], "drone": ["drone", "quadcopter"],
    "factory": ["factory", "power plant", "industrial plant"], "flower": ["flower", "flowers"], "forest": ["forest", "woods"], "gears": ["gears", "gear"],
    "helicopter": ["helicopter"], "house": ["house", "cottage"], "island": ["island"], "kitchen": ["kitchen"], "knot": ["torus knot", "knot"],
    "lamp": ["lamp", "table lamp", "desk lamp", "floor lamp"], "lighthouse": ["lighthouse"], "living room": ["living room", "lounge"], "meadow": ["meadow", "field"],
    "mountain": ["mountain", "mountains", "mountain range"], "mushroom": ["mushroom", "mushrooms"], "ocean": ["ocean", "sea"], "office": ["office"],
    "people": ["people", "crowd"], "person": ["person", "figure"], "pipes": ["pipes", "pipework"], "planet": ["planet"], "plate": ["plate", "plates"],
    "potted plant": ["potted plant", "plant", "houseplant"], "pyramid": ["pyramid", "pyramids"], "road": ["road", "highway"], "robot": ["robot", "humanoid robot"],
    "robot arm": ["robot arm", "robotic arm", "industrial robot"], "rocket": ["rocket"], "rocks": ["rocks", "rock", "boulders"], "ruins": ["ruins", "ruined building", "destroyed building", "rubble"],
    "sailboat": ["sailboat", "sailing boat"], "shapes": ["shapes", "geometric shapes"], "ship": ["ship", "cargo ship"], "skyline": ["skyline", "city", "cityscape"],
    "skyscraper": ["skyscraper", "glass tower", "office tower"], "snowman": ["snowman"], "sofa": ["sofa", "couch"], "spaceship": ["spaceship", "spacecraft", "space station", "flying saucer"],
    "sphere": ["sphere"], "spheres": ["spheres", "balls"], "staircase": ["staircase", "stairs"], "statue": ["statue", "sculpture"], "street": ["street", "alley"],
    "sword": ["sword"], "table": ["table", "desk"], "tank": ["tank"], "teapot": ["teapot"], "temple": ["temple"], "torus": ["torus"], "train": ["train", "locomotive"],
    "tree": ["tree", "pine tree", "palm tree"], "truck": ["truck", "van"], "tunnel": ["tunnel"], "vase": ["vase"], "volcano": ["volcano"], "warehouse": ["warehouse"],
    "waterfall": ["waterfall"], "windmill": ["windmill"], "wine glass": ["wine glass", "wine glasses"],
    # Those that came later; `object` is whatever has no name of its own.
    "anchor": ["anchor"], "arch": ["arch", "gate", "archway", "monument"], "axe": ["axe", "hatchet"],
    "backpack": ["backpack", "bag"], "ball": ["ball", "soccer ball", "basketball", "football", "tennis ball"], "balloon": ["balloon", "balloons"],
    "banana": ["banana", "bananas"], "barn": ["barn", "farm", "shed", "silo", "greenhouse"], "basket": ["basket"], "bear": ["bear", "polar bear", "panda"], "bell": ["bell"],
    "bench": ["bench", "park bench"], "bird": ["bird", "parrot", "eagle", "chicken"], "blocks": ["blocks", "bricks", "toy blocks", "building blocks", "cubes"],
    "boat": ["boat", "rowboat", "canoe", "motorboat", "speedboat"], "book": ["book", "books"], "bread": ["bread", "loaf", "croissant", "toast"], "broom": ["broom", "brush", "mop"],
    "bucket": ["bucket"], "burger": ["burger", "hamburger", "sandwich"], "butterfly": ["butterfly", "moth"], "cake": ["cake", "birthday cake"],
    "camera": ["camera", "video camera"], "cannon": ["cannon", "catapult"], "carrot": ["carrot", "carrots", "vegetables"],
    "cart": ["cart", "trolley", "wagon"], "cat": ["cat", "kitten"], "chain": ["chain", "chains"], "chart": ["chart", "graph", "diagram", "bar chart"],
    "chest": ["chest", "treasure chest"], "classroom": ["classroom", "lecture hall"], "clock": ["clock", "alarm clock", "wall clock"], "coin": ["coin", "coins"],
    "container": ["container", "shipping container", "containers"], "conveyor belt": ["conveyor belt", "conveyor", "assembly line"], "cow": ["cow", "bull"],
    "crab": ["crab", "lobster"], "crane": ["crane", "tower crane", "construction crane"], "crown": ["crown", "tiara"], "crystal": ["crystal", "diamond", "gem", "crystals"],
    "deer": ["deer", "reindeer", "stag"], "dice": ["dice", "die"], "dinosaur": ["dinosaur"], "dog": ["dog", "puppy"], "donut": ["donut", "doughnut", "donuts"],
    "door": ["door", "window"], "drill": ["drill", "power drill", "electric drill"], "drum": ["drum", "drums", "drum kit"], "duck": ["duck", "rubber duck", "swan"],
    "dumbbell": ["dumbbell", "barbell", "weights"], "egg": ["egg", "eggs"], "elephant": ["elephant"], "engine": ["engine", "motor"], "excavator": ["excavator", "digger"],
    "eye": ["eye", "eyeball"], "fan": ["fan", "ventilator"], "fence": ["fence", "railing"], "fire hydrant": ["fire hydrant", "hydrant"],
    "fish": ["fish", "dolphin", "goldfish"], "fork": ["fork", "spoon", "cutlery", "knife and fork"], "forklift": ["forklift", "fork lift"], "fountain": ["fountain"],
    "frame": ["frame", "picture frame", "picture", "painting"], "frog": ["frog", "toad"], "fruit": ["fruit"],
    "game controller": ["game controller", "gamepad"], "garage": ["garage", "workshop", "parking garage"], "garden": ["garden", "park", "backyard"],
    "gift": ["gift", "gift box", "present", "presents"], "giraffe": ["giraffe"], "globe": ["globe"], "gravestone": ["gravestone", "tombstone", "graveyard", "cemetery"],
    "guitar": ["guitar", "electric guitar"], "gym": ["gym", "fitness room", "sports hall"], "hammer": ["hammer", "mallet"], "hand": ["hand", "foot"],
    "hat": ["hat", "cap", "top hat"], "head": ["head", "face", "mask"], "headphones": ["headphones", "headset"], "heart": ["heart", "hearts"],
    "hills": ["hills", "terrain", "landscape", "valley"], "horse": ["horse", "pony", "donkey"], "hot air balloon": ["hot air balloon"], "hourglass": ["hourglass"],
    "ice cream": ["ice cream", "ice cream cone"], "iceberg": ["iceberg", "glacier", "ice"], "jar": ["jar", "can", "tin can"], "key": ["key", "keys"],
    "keyboard": ["keyboard"], "knife": ["knife"], "laboratory": ["laboratory", "operating room"], "ladder": ["ladder", "stepladder"],
    "light bulb": ["light bulb", "bulb"], "lion": ["lion", "tiger", "leopard"], "machine": ["machine", "industrial machine", "generator", "printer"],
    "mailbox": ["mailbox", "letter box"], "maze": ["maze", "labyrinth"], "microphone": ["microphone"], "molecule": ["molecule", "molecules", "dna", "atoms"],
    "moonscape": ["moonscape", "moon surface", "crater", "alien landscape"], "motorcycle": ["motorcycle", "motorbike"], "object": ["object", "gadget"],
    "octopus": ["octopus", "jellyfish", "squid"], "oil rig": ["oil rig", "harbor", "port"], "orange": ["orange", "oranges"],
    "oven": ["oven", "stove"], "pan": ["pan", "frying pan", "pot", "saucepan"], "pencil": ["pencil", "pencils", "pen"],
    "piano": ["piano", "grand piano"], "pig": ["pig", "piggy bank"], "pillow": ["pillow", "cushion"], "pizza": ["pizza"],
    "playground": ["playground", "swing", "slide", "carousel"], "propeller": ["propeller"], "pumpkin": ["pumpkin", "pumpkins"], "rabbit": ["rabbit", "hare", "bunny"],
    "racket": ["racket", "tennis racket", "bat"], "reef": ["reef", "coral reef", "underwater scene"], "restaurant": ["restaurant", "cafe", "dining room"],
    "ring": ["ring"], "river": ["river", "stream"], "satellite": ["satellite", "space probe", "rover", "lander"], "saw": ["saw", "handsaw"],
    "scissors": ["scissors"], "screw": ["screw", "screws", "bolt", "bolts"], "screwdriver": ["screwdriver"], "server rack": ["server rack", "data center", "servers", "server room"],
    "shape": ["shape", "abstract shape", "blob", "fractal"], "sheep": ["sheep", "lamb", "goat"], "shoe": ["shoe", "shoes", "boot", "sneaker"],
    "shop": ["shop", "store", "supermarket"], "shovel": ["shovel", "spade"], "sink": ["sink", "washbasin"], "skateboard": ["skateboard"],
    "skull": ["skull", "bone"], "snake": ["snake", "worm"], "solar panel": ["solar panel", "solar panels"], "speaker": ["speaker", "loudspeaker"],
    "spider": ["spider", "beetle", "ant"], "spring": ["spring", "spiral"], "stadium": ["stadium", "arena"],
    "stage": ["stage", "theater", "concert hall", "cinema"], "street lamp": ["street lamp", "lamppost", "street light"], "submarine": ["submarine"],
    "teddy bear": ["teddy bear", "teddy"], "telephone": ["telephone", "phone", "smartphone"], "telescope": ["telescope", "binoculars"],
    "tent": ["tent", "tents", "camp", "igloo"], "text": ["text", "letters", "logo"], "toaster": ["toaster"], "toilet": ["toilet"],
    "tower": ["tower", "cooling tower", "radio tower", "watchtower"], "tractor": ["tractor", "farm tractor"],
    "traffic cone": ["traffic cone", "traffic cones", "pylon"], "traffic light": ["traffic light", "traffic lights"], "trophy": ["trophy"],
    "trumpet": ["trumpet", "saxophone"], "turbine": ["turbine", "jet engine", "fan blades"], "turtle": ["turtle", "tortoise"], "umbrella": ["umbrella", "parasol"], "whale": ["whale"],
    "wheel": ["wheel", "tire", "tyre", "car wheel"], "wrench": ["wrench", "spanner"],
    # What some of these families build by another name.
    "airship": ["airship", "blimp"], "bar": ["bar"], "bathtub": ["bathtub"], "brick wall": ["brick wall"], "bulldozer": ["bulldozer"], "clock tower": ["clock tower"], "columns":
    ["columns", "column"], "computer mouse": ["computer mouse", "mouse"], "cupcake": ["cupcake", "muffin"], "dragon": ["dragon"], "factory hall": ["factory hall"], "ferris wheel":
    ["ferris wheel"], "grapes": ["grapes"], "handbag": ["handbag"], "hospital room": ["hospital room"], "insect": ["insect"], "lake": ["lake", "pond"], "lantern": ["lantern"], "lemon":
    ["lemon"], "library": ["library"], "microscope": ["microscope"], "microwave": ["microwave"], "mirror": ["mirror"], "museum": ["museum"], "necklace": ["necklace", "jewelry"],
    "obelisk": ["obelisk"], "padlock": ["padlock", "lock"], "pear": ["pear"], "penguin": ["penguin"], "pier": ["pier", "dock"], "radio": ["radio"], "refrigerator": ["refrigerator",
    "fridge"], "road sign": ["road sign", "stop sign", "traffic sign"], "scooter": ["scooter", "moped"], "shark": ["shark"], "shopping cart": ["shopping cart"], "skeleton":
    ["skeleton", "bones"], "soccer field": ["soccer field", "sports field"], "strawberry": ["strawberry"], "suitcase": ["suitcase"], "trash can": ["trash can", "bin"], "violin":
    ["violin"], "wall": ["wall"], "washing machine": ["washing machine"], "watch": ["watch"], "water tower": ["water tower"], "watermelon": ["watermelon"], "well": ["well"],
    "wheelbarrow": ["wheelbarrow"],
}
# Pairs that a person would let pass for each other.
NEAR = [{"sphere", "ball"}, {"torus", "ring"}, {"torus", "donut"}, {"ship", "boat"}, {"sailboat", "boat"}, {"cube", "blocks"}, {"shapes", "blocks"}, {"mountain", "hills"}, {"meadow", "hills"}, {"apple", "fruit"}, {"orange", "fruit"},
        {"desert", "hills"}, {"statue", "head"}, {"castle", "tower"}, {"meadow", "garden"}, {"lamp", "street lamp"}, {"machine", "engine"}, {"crate", "chest"}, {"knot", "shape"}, {"building", "skyscraper"}, {"skyline", "skyscraper"}, {"sphere", "spheres"}, {"person", "people"}, {"ruins", "temple"}, {"ship", "sailboat"}]
PLURALS = {"binoculars", "blocks", "bones", "books", "bricks", "building blocks", "bananas", "balloons", "carrots", "chains", "coins", "columns", "containers", "crystals", "cubes", "cutlery", "dice", "dna", "donuts", "drums", "eggs", "grapes",
           "headphones", "hearts", "hills", "ice", "ice cream", "jewelry", "keys", "letters", "molecules", "oranges", "pencils", "presents", "pumpkins", "scissors", "screws", "bolts", "servers", "shoes", "solar panels", "tents",
           "terrain", "text", "toy blocks", "traffic cones", "traffic lights", "vegetables", "weights"}
PLURAL = {"apples", "barrels", "bottles", "candles", "chess pieces", "crates", "dunes", "sand dunes", "flowers", "gears", "woods", "mountains", "mushrooms", "people", "pipes", "plates", "pyramids", "rocks", "boulders",
          "ruins", "shapes", "geometric shapes", *PLURALS, "spheres", "balls", "stairs", "wine glasses", "pipework", "rubble"}
MATERIAL = {"brick": "brick", "concrete": "concrete", "wood": "wooden", "stone": "stone", "glass": "glass", "metal": "metal", "gold": "golden", "plastic": "plastic", "bronze": "bronze", "checker": "checkered",
            "ceramic": "ceramic", "fabric": "fabric"}
# Adjectives that say what kind of thing it is, and so stand after the color.
KIND_OF = {"fighter", "passenger", "propeller", "steam", "tanker", "dump", "double-decker", "navy", "suspension", "spiral", "wheeled"}
SNOWLESS = {"ocean", "ship", "sailboat", "beach", "island", "desert", "pyramid", "cave", "volcano"}
ALWAYS = {"skyscraper": "glass", "bottle": "", "wine glass": "", "snowman": "", "gears": "", "sword": "", "pipes": "", "bookshelf": "", "pyramid": "", "castle": "", "mountain": "", "barrel": "wooden"}

# What a caption says about light, weather, state, view and style, by the words for it.
WORDS = {
    "day": ["in daylight", "on a sunny day", "in bright sunlight"], "overcast": ["under an overcast sky", "on a cloudy day"], "sunset": ["at sunset", "at dusk", "in warm evening light"],
    "night": ["at night", "after dark"], "neon": ["lit by neon lights", "in neon light"], "black": ["on a black background", "against black"], "studio": ["in a studio", "on a plain background"],
    "fog": ["in fog", "in the mist", "in thick fog"], "snow": ["covered in snow", "in the snow", "in winter"], "flooded": ["flooded", "in flood water"], "burning": ["burning", "on fire"],
    "destroyed": ["destroyed", "ruined", "broken"], "aerial": ["seen from above", "aerial view", "from the air"], "low angle": ["seen from below", "low angle"], "close-up": ["close-up", "up close"],
    "wide": ["wide shot", "from afar"], "clay": ["clay render", "untextured"], "wire": ["wireframe"], "normals": ["normal map"],
}
INDOOR_LIGHT = {"day": [""], "night": ["in dim light", "at night"], "neon": WORDS["neon"], "sunset": ["in warm evening light", "at sunset"]}


def article(text):
    return ("an " if text[0] in "aeiou" and not text.startswith(("one", "uni")) else "a ") + text


def visible(t):
    """The truth without what does not show: snow at sea or on sand, rain but for its gray sky, light in a cave."""
    t = dict(t)
    if t["noun"] == "cave":
        t["light"] = ""
    if t["weather"] == "rain" or (t["weather"] == "snow" and (t["noun"] in SNOWLESS or "sky" in t["setting"].split())):
        t["weather"] = ""
        t["light"] = "overcast" if t["light"] == "day" else t["light"]
    return t


def phrase(truth, rng, plain=.75):
    """One wording. With the chance `plain` the first word of each list is used, so that one wording is the usual one."""
    usual = rng.random() < plain

    def of(words):
        return words[0] if usual else rng.choice(words)

    def some(p):
        return usual or rng.random() < p
    t, words = visible(truth), []
    mode, noun = t["mode"], t["noun"]
    bare = mode != "beauty"
    names = NOUNS[noun]
    synonym = t.get("synonym") or ""
    name = synonym if synonym in names and (usual or rng.random() < .8) else names[0] if usual or rng.random() < .75 else rng.choice(names)
    if name in PLURAL and names[0] not in PLURAL and not synonym.endswith("s") and name != synonym:
        name = names[0]
    if noun == "ruins" and (t.get("of") or rng.random() < .2) and not usual:
        name = "ruined building"
    if t["state"] == "burning":
        words.append("burning")
    if t["state"] == "flooded":
        words.append("flooded")
    if t["state"] == "destroyed" and noun != "ruins":
        words.append("ruined" if usual else rng.choice(["ruined", "broken"]))
    if t["adj"] and some(.6) and not (bare and t["adj"][0] in ("green", "red", "colorful")):
        words.append(t["adj"][0])
    if t["color"] and not bare and some(.7):
        words.append(t["color"])
        if words[-2:-1] and words[-2] in KIND_OF:
            words[-2:] = words[:-3:-1]
    material = ""
    for m in t["materials"]:
        material = ALWAYS.get(noun, MATERIAL.get(m, "")) if noun != "barrel" else {"wood": "wooden", "metal": "metal"}[m]
    if not bare and material and some(.75):
        words.append(material)
    if "glass" in words and name.startswith("glass"):
        words.remove("glass")
    words.append(name)
    subject = " ".join(words)
    subject = subject if name in PLURAL else article(subject)
    if t["of"] and some(.35) and not bare and noun != "shapes" and not (noun == "ruins" and name != "ruins"):
        subject += " " + t["of"]
    parts = [p for p in t["parts"] if p not in ("lava",) or not bare]
    if bare:
        parts = [p.replace(p.split()[1] + " ", "", 1) if p.split()[0] == "a" and len(p.split()) > 2 and p.split()[1] in ("red", "blue", "white", "black", "green", "yellow", "gray", "orange", "purple", "pink", "brown", "turquoise") else p for p in parts]
    if parts and some(.6):
        subject += (" in " if parts[0].endswith("shirt") else " with ") + " and ".join(parts[:2] if usual or rng.random() < .5 else parts[:1])
    if t["setting"] and some(.6) and not (bare and t["setting"].split()[0] == "on" and noun not in ("train", "ship")):
        subject += " " + t["setting"]
    if t["weather"] in ("fog", "snow") and mode != "wire":
        subject += " " + of(WORDS[t["weather"]])
    light, kind = t["light"], t["kind"]
    lit = ""
    if mode in ("beauty", "clay"):
        if kind == "indoor":
            lit = of(INDOOR_LIGHT.get(light, [""]))
        elif light == "day":
            lit = of(WORDS["day"]) if not bare and not t["weather"] and rng.random() < (.55 if kind in ("outdoor", "vehicle") else 0) else ""
        elif light == "studio":
            lit = "" if t["setting"] or usual else rng.choice(["", *WORDS["studio"]])
        elif light in WORDS:
            lit = of(WORDS[light]) if light != "overcast" or not bare else ""
    elif light == "black" and mode == "wire":
        lit = ""
    if lit:
        subject += " " + lit
    view = t["view"]
    lead = ""
    if view in ("aerial", "top"):
        lead, tail = ("aerial view of ", "") if kind == "outdoor" and rng.random() < .35 and not usual else ("", " seen from above")
        subject += tail
    elif view == "low angle" and some(.5):
        subject += " seen from below"
    elif view == "close-up":
        lead = "close-up of "
    elif view == "wide" and kind not in ("outdoor",) and not usual and rng.random() < .4:
        subject += " from afar"
    elif view == "street level" and not usual and rng.random() < .4:
        subject += " at street level"
    if mode == "clay":
        lead = rng.choice(["clay render of ", "untextured model of ", "gray clay render of "]) if not usual else "clay render of "
    elif mode == "wire":
        lead = "wireframe of "
    elif mode == "normals":
        lead = "normal map of "
    return (article(lead) if lead else "") + subject


def caption(truth, rng):
    return re.sub(r"\ba (?=[aeiou])", "an ", re.sub(r"\s+", " ", phrase(truth, rng)).strip())


LEXICON = sorted(((w, n) for n, ws in NOUNS.items() for w in ws), key=lambda p: -len(p[0]))


def noun_of(text):
    """The main noun of a caption: the first known word, the longest at that place."""
    text = re.sub(r"^(an?|the) ((gray )?clay render|untextured model|wireframe|normal map|close-up|aerial view|wide shot) of ", "", text.lower())
    best = None
    for word, noun in LEXICON:
        m = re.search(rf"\b{word}\b", text)
        # The head of "brick building" is the last word before a preposition, so longer matches win at the same end.
        if m and (best is None or m.start() < best[0]):
            best = (m.start(), noun)
    return best[1] if best else None


def right_noun(text, truth, near=True):
    found = noun_of(text)
    if found is None:
        return False
    return found == truth["noun"] or (near and any({found, truth["noun"]} <= pair for pair in NEAR))


def attributes(text):
    """The attributes that a caption names, as a set. What it stands on is none of them."""
    text = re.sub(r"\bon (an? )?(concrete|wooden|stone|metal) ?(table|counter)?", "", text)
    out = set()
    for key, forms in WORDS.items():
        if any(re.search(rf"\b{f}\b", text) for f in forms):
            out.add(key)
    if re.search(r"\bin dim light\b", text):
        out.add("night")
    for m, word in MATERIAL.items():
        if re.search(rf"\b{word}\b", text) and word != "fabric":
            out.add(m)
    return out


def true_attributes(t):
    out = set()
    t = visible(t)
    light = t["light"]
    if t["mode"] in ("beauty", "clay") and light and light != "space":
        out.add(light)
    for key in (t["weather"], t["state"]):
        if key:
            out.add(key)
    if t["view"]:
        out.add({"top": "aerial", "street level": ""}.get(t["view"], t["view"]))
    if t["mode"] == "wire":
        out.discard("fog")
    if t["mode"] != "beauty":
        out.add(t["mode"])
    else:
        out |= {m for m in t["materials"] if m in MATERIAL}
        if t["noun"] == "skyscraper":
            out.add("glass")
    out.discard("")
    return out


# Attributes that a good caption is expected to name; the rest counts only when it is named wrongly.
EXPECTED = {"sunset", "night", "neon", "black", "fog", "snow", "flooded", "burning", "destroyed", "aerial", "close-up", "clay", "wire", "normals", "overcast", *MATERIAL}
