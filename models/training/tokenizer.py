"""A byte-level BPE tokenizer, trained on captions of all kinds and on common words for scenes."""

import random
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import captions
import registry

END = "<|endoftext|>"
WORDS = """old new big small tall low wide narrow long short round square dark bright red green blue yellow white black gray brown orange
purple pink golden silver wooden metal stone brick glass concrete plastic ceramic city town street road building house tower bridge river lake sea
mountain hill forest tree grass sand snow ice water sky cloud sun moon star night day morning evening winter summer rain fog smoke fire room wall floor
ceiling door window table chair person man woman people robot car truck bus train boat ship plane standing walking running sitting parked empty
crowded abandoned modern ancient futuristic seen from above below behind next between under over near with and of in on at the a an""".split()


def corpus(count=30000):
    """Captions of invented truths: every word that a caption can hold stands in some of them."""
    rng = random.Random("tokenizer")
    import families  # noqa: F401
    truths = []
    for split, count_of in (("train", 500), ("wide", 1200)):
        truths += [registry.make(seed, split).truth for seed in range(count_of)]
    for _ in range(count):
        yield captions.caption(rng.choice(truths), rng)
    for names in captions.NOUNS.values():
        for name in names * 3:
            yield f"a {name} with {name}"
    for _ in range(40):
        yield " ".join(rng.sample(WORDS, len(WORDS)))


def main(out):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    tok.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tok.train_from_iterator(corpus(), trainer)
    tok.save(out)
    print(tok.get_vocab_size(), tok.encode("a tall brick building with fire escapes at night").tokens)


if __name__ == "__main__":
    main(sys.argv[1])
